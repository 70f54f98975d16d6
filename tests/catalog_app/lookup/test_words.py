import pytest

from catalog_app.lookup.texts import FeatureTexts
from catalog_app.lookup.wordindex import WordIndex, strengths_of
from catalog_app.lookup.words import stems_of


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("", ()),
        ("We want to let people in", ()),
        ("Invites, inviting; INVITE", ("invit",)),
        ("café Café", ("caf",)),
        ("2FA by e-mail", ("2fa", "e", "mail")),
    ],
)
def test_stems_are_what_forms_of_a_word_have_in_common(text: str, stems: tuple[str, ...]) -> None:
    assert stems_of(text) == stems


def test_names_count_more_than_the_rest_and_repetition_less_and_less() -> None:
    strengths = strengths_of(FeatureTexts("s", "Login", "Login by badge.", phrases=("badge", "badge again")))
    assert strengths["login"] == pytest.approx(3 / 4)
    assert strengths["badg"] == pytest.approx(3 / 4)
    assert strengths["again"] == pytest.approx(1 / 2)


def test_rare_words_weigh_more_and_unknown_ones_are_told() -> None:
    words = WordIndex().changed(
        [], [(0, {"login": 0.5, "badg": 0.5}), (1, {"login": 0.5})], size=2, feature_count=2
    )
    assert words.weigh("login") < words.weigh("badg") < words.weigh("other")
    found = words.find("login badge zebra")
    assert found.scores[0] > found.scores[1] > 0
    assert 0 < found.unknown < 1
    assert words.find("zebra").unknown == 1
    assert words.find("").unknown == 1


def test_what_is_changed_is_as_if_made_at_once() -> None:
    first = WordIndex().changed([], [(0, {"a1": 0.5, "b1": 0.5}), (1, {"a1": 0.75})], size=2, feature_count=2)
    changed = first.changed([(0, {"a1": 0.5, "b1": 0.5})], [(0, {"c1": 0.5})], size=2, feature_count=2)
    assert set(changed.postings) == {"a1", "c1"}
    found = changed.find("a1").scores
    assert (found[0], found[1] > 0) == (0, True)
    assert (changed.has("c1", 0), changed.has("c1", 1), changed.has("b1", 0)) == (True, False, False)
    assert set(first.postings) == {"a1", "b1"}
