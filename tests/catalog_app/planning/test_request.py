import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autopack.digests import digest_json
from catalog_app.briefing.types import Leftover, Pin, Place, Veto, Wish
from catalog_app.choices import Complexity, ParameterType, PlanMode, Strength
from catalog_app.interchange.entries import Json
from catalog_app.planning.request import (
    GivenPhase,
    Parameter,
    PlanRequest,
    digest_request,
    read_request,
    write_request,
)

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
KEY = st.text(string.ascii_lowercase, min_size=1, max_size=6)
PLACES = st.lists(st.builds(Place, st.integers(0, 9), st.tuples(TEXT), TEXT), max_size=2).map(tuple)
TEXTS = st.lists(TEXT, max_size=2).map(tuple)
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), TEXT, st.lists(TEXT, max_size=2))
QUOTE = TEXT.filter(str.strip)

REQUESTS = st.builds(
    PlanRequest,
    title=TEXT,
    summary=TEXT,
    project_type=TEXT,
    mode=st.sampled_from(PlanMode),
    wishes=st.lists(
        st.builds(
            Wish,
            key=KEY,
            quote=QUOTE,
            terms=TEXTS,
            slug=TEXT,
            strength=st.sampled_from(Strength),
            constraints=TEXTS,
            build_new=st.booleans(),
            pin=st.one_of(st.none(), st.builds(Pin, QUOTE, st.one_of(st.none(), TEXTS))),
            places=PLACES,
        ),
        max_size=3,
        unique_by=lambda wish: wish.key,
    ).map(tuple),
    vetoes=st.lists(
        st.builds(Veto, KEY.map("no-{}".format), QUOTE, TEXTS, TEXT, PLACES),
        max_size=2,
        unique_by=lambda veto: veto.key,
    ).map(tuple),
    constraints=TEXTS,
    stack=TEXT,
    slots=st.dictionaries(KEY, TEXT, max_size=2),
    answers=st.dictionaries(KEY, TEXT, max_size=2),
    parameters=st.lists(
        st.builds(Parameter, QUOTE, st.sampled_from(ParameterType), PLAIN, TEXT, TEXTS), max_size=2
    ).map(tuple),
    values=st.dictionaries(KEY, PLAIN, max_size=2),
    given=st.lists(
        st.builds(
            GivenPhase,
            phase_id=QUOTE,
            tier=TEXT,
            name=TEXT,
            complexity=st.sampled_from(Complexity),
            allowed_paths=TEXTS,
            spec=st.dictionaries(KEY, PLAIN, max_size=2),
        ),
        max_size=2,
    ).map(tuple),
    leftovers=st.lists(st.builds(Leftover, TEXT, TEXT, st.builds(Place, st.integers(0, 9))), max_size=2).map(
        tuple
    ),
)

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "features",
                    "vetoes",
                    "quote",
                    "pin",
                    "places",
                    "slots",
                    "values",
                    "mode",
                    "given_phases",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("written", "pointer", "code", "suggestion"),
    [
        ([], "", "wrong_kind", ""),
        ({"features": "login"}, "/features", "wrong_kind", ""),
        ({"features": [3]}, "/features/0", "wrong_kind", ""),
        ({"features": [{}]}, "/features/0", "missing", ""),
        (
            {"features": [{"quote": "Login", "strenght": "must"}]},
            "/features/0/strenght",
            "unknown_key",
            "strength",
        ),
        (
            {"features": [{"quote": "a", "strength": "shoud"}]},
            "/features/0/strength",
            "unknown_value",
            "should",
        ),
        ({"features": [{"quote": "a", "pin": {"paths": []}}]}, "/features/0/pin", "missing", ""),
        ({"features": [{"quote": "a", "pin": 7}]}, "/features/0/pin", "wrong_kind", ""),
        ({"features": [{"quote": "\0"}]}, "/features/0/quote", "bad_character", ""),
        ({"features": [{"quote": "a", "key": "k"}, {"quote": "b", "key": "k"}]}, "/features", "same_key", ""),
        ({"mode": "drafts"}, "/mode", "unknown_value", "draft"),
        ({"mode": ["draft"]}, "/mode", "wrong_kind", ""),
        ({"slots": {"db": 5}}, "/slots/db", "wrong_kind", ""),
        ({"fetures": []}, "/fetures", "unknown_key", "features"),
        ({"vetoes": ["x"] * 5001}, "/vetoes", "too_many", ""),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(
    written: Json, pointer: str, code: str, suggestion: str
) -> None:
    _, problems = read_request(written)
    assert (pointer, code, suggestion) in [(p.origin.pointer, p.code, p.suggestion) for p in problems]


@settings(max_examples=40, deadline=None)
@given(JSON)
def test_reading_never_fails_and_what_it_read_can_be_written(written: Json) -> None:
    request, _ = read_request(written)
    again, _ = read_request(write_request(request))
    assert digest_request(again) == digest_request(request)


@settings(max_examples=40, deadline=None)
@given(REQUESTS)
def test_what_is_written_is_read_as_it_was(request: PlanRequest) -> None:
    written = json.loads(json.dumps(write_request(request)))
    assert read_request(written) == (request, ())
    assert write_request(read_request(written)[0]) == written


def test_features_may_be_texts_and_get_keys_that_nobody_has() -> None:
    request, problems = read_request(
        {
            "features": ["Log in", {"key": "log-in-2", "quote": "x"}, "Log in!", {"slug": "auth_basic"}],
            "vetoes": ["billing", "Without ads", {"quote": "no chat"}],
        }
    )
    assert problems == ()
    assert [(wish.key, wish.quote) for wish in request.wishes] == [
        ("log-in", "Log in"),
        ("log-in-2", "x"),
        ("log-in-3", "Log in!"),
        ("auth-basic", "Auth basic"),
    ]
    assert [veto.quote for veto in request.vetoes] == ["billing", "ads", "no chat"]
    assert request.vetoes[0].key == "no-billing"


def test_defaults_are_left_out_and_the_digest_knows_every_change() -> None:
    assert write_request(PlanRequest(wishes=(Wish("a", "A"),))) == {"features": [{"key": "a", "quote": "A"}]}
    digests = {
        digest_request(PlanRequest()),
        digest_request(PlanRequest(title="x")),
        digest_request(PlanRequest(values={"a": 1})),
        digest_request(PlanRequest(values={"a": True})),
        digest_request(PlanRequest(mode=PlanMode.DRAFT)),
    }
    assert len(digests) == 5


def test_the_digest_is_that_of_the_canonical_json() -> None:
    request = PlanRequest(title="Café \ud800", values={"b": 1, "a": 0.5})
    assert digest_request(request) == digest_json(write_request(request))


def test_labels_of_given_phases_are_no_longer_than_a_run_takes_them() -> None:
    phase = {"phase_id": "p1", "task_category": "c" * 101, "builder_mode": "m" * 100}
    _, problems = read_request({"given_phases": [phase]})
    assert [(problem.code, problem.origin.pointer) for problem in problems] == [
        ("too_long", "/given_phases/0/task_category")
    ]
