"""YAML as plain values: what is refused, and where each value stands."""

import datetime

import pytest

from autopack.documents import PlacedProblem, Problem
from autopack.yaml_reader import UnreadableDocument, read_yaml


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"\n\nname: \xff", "3:1: is not UTF-8 text"),
        (b"a: 1\nb: \x01", "2:4: has a forbidden character"),
        (b"projects: [", "1:12: cannot be read as YAML: did not find expected node content"),
        (b"a: b: c", "1:5: cannot be read as YAML: mapping values are not allowed in this context"),
        (b"a: &a [*a]", "1:4: cannot be read as YAML: a value contains itself"),
        (b"a: *b", "1:4: cannot be read as YAML: found undefined alias 'b'"),
        (b"a: !!python/name:os.system x", "1:4: cannot be read as YAML: could not determine"),
        (b"a: 2026-99-99", "1:4: cannot be read as YAML: month must be in 1..12"),
        (b"a: 0x" + b"f" * 4_000, "1:4: cannot be read as YAML: Exceeds the limit"),
        (b"a: 1" + b":59" * 4_000, "1:4: cannot be read as YAML: a number has more than 4,400 characters"),
        (b"a: 1" + b":59" * 400 + b".5", "1:4: cannot be read as YAML: '1:59"),
        (b"a: !!int ''", "1:4: cannot be read as YAML: '' cannot be read as tag:yaml.org,2002:int"),
        (b"a: !!bool perhaps", "1:4: cannot be read as YAML: 'perhaps' cannot be read as"),
        (b"a: !!timestamp soon", "1:4: cannot be read as YAML: 'soon' cannot be read as"),
        (b"--- a\n--- b", "2:1: cannot be read as YAML: but found another document"),
        (b"? [a]\n: b", "1:3: cannot be read as YAML: a key must be a text"),
        (b"[" * 5000, "1:101: cannot be read as YAML: it is nested too deeply, more than 100 levels"),
        (b"- " * 5000, "1:201: cannot be read as YAML: it is nested too deeply, more than 100 levels"),
        (b"<<: [a]", "1:1: cannot be read as YAML: only mappings can be merged"),
        ("a: \x01", "1:4: has a forbidden character"),
    ],
)
def test_a_text_that_cannot_be_read_says_where_and_why(text: bytes | str, expected: str) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        read_yaml(text)
    assert str(caught.value).startswith(expected)


def test_aliases_of_aliases_cannot_grow_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(UnreadableDocument, match="more than 50000 values"):
        read_yaml("\n".join(lines))


@pytest.mark.parametrize("anchored", ["&long {text}", "&long [{text}]"])
def test_aliases_of_long_texts_cannot_grow_without_end(anchored: str) -> None:
    first = anchored.format(text="x" * 1_000_000)
    with pytest.raises(UnreadableDocument, match="repeat more than 40,000,000 characters"):
        read_yaml(f"a: {first}\nb: [{', '.join(['*long'] * 50)}]\n")


def test_the_number_of_values_is_the_callers_to_limit() -> None:
    with pytest.raises(UnreadableDocument, match="more than 4 values"):
        read_yaml("[a, b, c, d]", max_nodes=4)
    assert read_yaml("[a, b, c, d]", max_nodes=5).value == ["a", "b", "c", "d"]


def test_a_key_that_is_there_twice_is_a_problem_at_the_second() -> None:
    document = read_yaml("a:\n  x: 1\n  x: 2\n")
    assert document.value == {"a": {"x": 2}}
    assert document.problems == (Problem("a.x (again)", "is here twice; the first is on line 2"),)
    assert [str(p) for p in document.locate(document.problems, file="f.yaml")] == [
        "f.yaml:3:3: a.x (again): is here twice; the first is on line 2"
    ]


def test_problems_stand_in_the_order_of_the_text() -> None:
    document = read_yaml("a: [1, {b: 2}]\nc: 3\n")
    problems = [Problem("c", "late"), Problem("a[1].b", "early"), Problem("", "all")]
    located = document.locate(problems, file="f")
    assert located == (
        PlacedProblem("f", 1, 1, "", "all"),
        PlacedProblem("f", 1, 9, "a[1].b", "early"),
        PlacedProblem("f", 2, 1, "c", "late"),
    )


def test_what_is_missing_stands_at_the_nearest_thing_around_it() -> None:
    document = read_yaml("shop:\n  ci:\n  - run: x\n")
    assert document.place_of("shop.ci[0].name") == (3, 5)
    assert document.place_of("shop.name") == (1, 1)
    assert document.place_of("other") == (1, 1)


@pytest.mark.parametrize("text", ["", b"", "# nothing\n", "---\n", b"\xef\xbb\xbf"])
def test_an_empty_text_is_nothing(text: bytes | str) -> None:
    assert read_yaml(text).value is None


def test_values_are_plain() -> None:
    document = read_yaml(b"\xef\xbb\xbfa: [1, 0.5, true, null, 2026-01-02, \xc3\xbc]")
    assert document.value == {"a": [1, 0.5, True, None, datetime.date(2026, 1, 2), "ü"]}


def test_keys_may_look_like_paths() -> None:
    document = read_yaml("x.b:\n  c[0]: 1\na:\n  b: 2\n12: [x, y]\n")
    assert document.place_of("x.b.c[0]") == (2, 3)
    assert document.place_of("a.b") == (4, 3)
    assert document.place_of("12[1]") == (5, 9)


def test_a_repeated_value_is_read_once_and_counts_each_time() -> None:
    text = "a: &a {x: [1, 2]}\nb: *a\nc: {<<: *a, y: 3}\nd: {<<: [*a, {x: 4, z: 5}], z: 6}\n"
    document = read_yaml(text)
    assert document.value == {
        "a": {"x": [1, 2]},
        "b": {"x": [1, 2]},
        "c": {"y": 3, "x": [1, 2]},
        "d": {"z": 6, "x": [1, 2]},
    }
    assert document.place_of("b.x[1]") == (1, 15)
    with pytest.raises(UnreadableDocument, match="more than 8 values"):
        read_yaml("a: &a {x: [1, 2]}\nb: *a\n", max_nodes=8)
    assert read_yaml("a: &a {x: [1, 2]}\nb: *a\n", max_nodes=9).value
