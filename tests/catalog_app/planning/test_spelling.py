from catalog_app.planning.spelling import MOST_SUGGESTIONS, Speller


def test_only_the_first_unknown_names_get_suggestions() -> None:
    speller = Speller()
    found = [speller.nearest("logni", ["login", "teams"]) for _ in range(MOST_SUGGESTIONS + 2)]
    assert found == ["login"] * MOST_SUGGESTIONS + ["", ""]
    assert speller.nearest_few("logni", ["login"]) == ()
