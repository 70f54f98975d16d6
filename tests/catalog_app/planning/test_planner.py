import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings

from catalog_app.briefing.types import Pin, Veto, Wish
from catalog_app.choices import FeatureDecision, ParameterType, PlanMode
from catalog_app.planning import PLANNER
from catalog_app.planning.deciding import decide
from catalog_app.planning.document import write_document
from catalog_app.planning.planner import make_plan
from catalog_app.planning.request import Parameter, PlanRequest, digest_request
from catalog_app.planning.snapshot import Resolution, Snapshot, StackFacts
from tests.catalog_app.planning.catalogs import cases, choose, declared, feature, snapshot, source

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[3]

STACKS = (
    StackFacts("s1", "One", project_types=("saas",), slots={"db": "postgres"}),
    StackFacts("s2", "Two", project_types=("saas", "rag_app"), slots={"db": "mysql"}),
)


def big_case(size: int) -> tuple[PlanRequest, Snapshot, dict[str, Resolution]]:
    """Wishes of every kind, for features that need each other in long chains."""
    features = [
        feature(
            f"f{number}",
            source(f"r{number % 7}"),
            declared(f"d{number % 5}", compatible_stacks=("s1",)),
            requires=(f"f{number + 1}", f"f{number // 2}") if number + 1 < size else (),
            conflicts=(f"f{number - 1}",) if number % 10 == 1 else (),
        )
        for number in range(size)
    ]
    wishes = [
        Wish(
            f"w{number}",
            f"Wish {number} for {{{{name}}}}",
            slug=f"f{number}" if number % 3 == 0 else "",
            pin=Pin("r3") if number % 11 == 0 else None,
        )
        for number in range(size)
    ]
    request = PlanRequest(
        title="Big SaaS",
        mode=PlanMode.DRAFT,
        wishes=tuple(wishes),
        vetoes=tuple(
            Veto(f"v{number}", f"veto {number}", slug=f"f{number}") for number in range(0, size, 20)
        ),
        constraints=("use Postgres",),
        answers={f"which:w{number}": "build-new" for number in range(1, size, 6)},
        parameters=(Parameter("name", ParameterType.TEXT, "Acme"),),
    )
    found = {f"w{number}": choose(f"f{number - 1}", f"f{number}") for number in range(1, size, 3)}
    return request, snapshot(*features, stacks=STACKS), found


def calls(work: Callable[[], object]) -> int:
    """How many Python functions are called meanwhile: a measure of work that no clock disturbs."""
    count = 0

    def see(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.slow
def test_the_work_grows_with_the_wishes_and_not_with_their_square() -> None:
    small, large = big_case(200), big_case(800)
    ratio = calls(lambda: make_plan(*large)) / calls(lambda: make_plan(*small))
    assert ratio < 6


def test_five_thousand_wishes_are_all_decided() -> None:
    request, catalog, _ = big_case(50)
    wishes = tuple(Wish(f"w{number}", f"Something {number}") for number in range(5_000))
    decisions = decide(replace(request, wishes=wishes), catalog, {})
    assert [feature.key for feature in decisions.features] == [wish.key for wish in wishes]


def test_a_plan_names_what_it_was_made_of() -> None:
    request, catalog, found = big_case(4)
    catalog = replace(catalog, outcomes_digest="od", lookup_engine="engine-1")
    plan = make_plan(request, catalog, found)
    assert plan.inputs.request_digest == digest_request(request)
    assert (plan.inputs.catalog, plan.inputs.catalog_digest) == ("main", "cd")
    assert (plan.inputs.policy, plan.inputs.policy_digest) == ("default", "pd")
    assert (plan.inputs.outcomes_digest, plan.inputs.lookup_engine) == ("od", "engine-1")
    assert plan.inputs.planner == PLANNER
    assert plan.parameters == {"name": "Acme"}
    assert plan.features[0].quotes == ("Wish 0 for Acme",)


@settings(max_examples=40, deadline=None)
@given(cases())
def test_whatever_is_asked_for_every_planned_feature_has_a_phase_and_no_other(
    case: tuple[PlanRequest, Snapshot, dict[str, Resolution]],
) -> None:
    plan = make_plan(*case)
    planned = {feature.key for feature in plan.features if feature.decision in FeatureDecision.planned()}
    in_phases = {key for run in plan.runs for phase in run.phases for key in phase.features}
    assert in_phases == planned


def test_the_order_of_mappings_makes_no_difference() -> None:
    request, catalog, found = big_case(40)
    written = write_document(make_plan(request, catalog, found))
    for seed in range(3):
        shuffle = random.Random(seed)  # not for secrets
        again = make_plan(
            replace(request, answers=_shuffled(request.answers, shuffle)),
            replace(
                catalog,
                features=_shuffled(catalog.features, shuffle),
                stacks=tuple(shuffle.sample(catalog.stacks, len(catalog.stacks))),
            ),
            _shuffled(found, shuffle),
        )
        assert write_document(again) == written


@pytest.mark.slow
def test_two_processes_with_other_hash_seeds_write_the_same_bytes() -> None:
    script = (
        "import hashlib;"
        "from catalog_app.planning.document import write_document;"
        "from catalog_app.planning.planner import make_plan;"
        "from tests.catalog_app.planning.test_planner import big_case;"
        "print(hashlib.sha256(write_document(make_plan(*big_case(60)))).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    content = write_document(make_plan(*big_case(60)))
    assert digests == {hashlib.sha256(content).hexdigest()}
    assert json.loads(content)["title"] == "Big SaaS"


def _shuffled(mapping: Mapping[str, T], shuffle: random.Random) -> dict[str, T]:
    keys = list(mapping)
    shuffle.shuffle(keys)
    return {key: mapping[key] for key in keys}
