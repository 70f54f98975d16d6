import pytest

from catalog_app.lookup.labelled import BadLabels, LabelledRequest, read_labelled

KNOWN = {"login", "search"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "is no JSON: "),
        ("[1]", "is no JSON object"),
        ('{"gold": []}', "query must be a text"),
        ('{"query": " ", "gold": []}', "query must be a text"),
        ('{"query": "x"}', "gold must be a list of texts"),
        ('{"query": "x", "gold": "login"}', "gold must be a list of texts"),
        ('{"query": "x", "gold": [], "terms": [1]}', "terms must be a list of texts"),
        ('{"query": "x", "gold": ["login", "lgoin"]}', "the catalog has no feature lgoin"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(line: str, problem: str) -> None:
    with pytest.raises(BadLabels) as refused:
        read_labelled('\n{"query": "x", "gold": []}\n' + line + "\n{}", known=KNOWN)
    assert [text.split(":")[0] for text in refused.value.problems] == ["line 3", "line 4"]
    assert refused.value.problems[0].startswith(f"line 3: {problem}")


def test_a_file_without_requests_is_refused() -> None:
    with pytest.raises(BadLabels, match="there is no request"):
        read_labelled("\n\n", known=KNOWN)


def test_requests_are_read_with_what_they_mean() -> None:
    text = '{"query": "in", "gold": ["login"], "terms": ["auth"], "id": 7}\n{"query": "x", "gold": []}\n'
    single, none = read_labelled(text, known=KNOWN)
    assert single == LabelledRequest("in", frozenset({"login"}), ("auth",))
    assert (single.is_single, single.is_none, none.is_none) == (True, False, True)
    assert single.part(with_terms=True).terms == ("auth",)
    assert single.part(with_terms=False).terms == ()
