"""The request that starts a replay's run."""

import itertools

from runs_app.gitops.types import ObjectId
from runs_app.replay.plan import Target, plan_run
from runs_app.replay.upstream import Stretch, UpstreamCommit


def _stretch(count: int, message: str = "Subject\n\nBody\n") -> Stretch:
    ids = [ObjectId(f"{number:012x}{0:028x}") for number in range(1, count + 2)]
    commits = tuple(
        UpstreamCommit(commit, ObjectId(f"{number:040x}"), parent, message)
        for number, (parent, commit) in enumerate(itertools.pairwise(ids), 500)
    )
    return Stretch(ids[0], commits)


def _plan(stretch: Stretch) -> dict[str, object]:
    return plan_run(stretch, run_id="r1", project_id="shop", title="Replay")


def test_a_phase_of_another_run_names_no_target() -> None:
    assert Target.from_spec({}) is None
    assert Target.from_spec({"upstream_commit": 7, "upstream_tree": "x"}) is None


def test_the_target_survives_the_phases_spec() -> None:
    target = Target(ObjectId("a" * 40), ObjectId("b" * 40))
    assert Target.from_spec(target.as_spec()) == target


def test_the_plan_is_a_function_of_the_history() -> None:
    assert _plan(_stretch(3)) == _plan(_stretch(3))


def test_every_commit_is_a_phase_in_a_tier_of_25() -> None:
    body = plan_run(_stretch(51), run_id="r1", project_id="shop", title="Replay")
    assert body["run"]["max_phases"] == 51
    assert body["run"]["base"] == f"{1:012x}{0:028x}"
    assert [tier["name"] for tier in body["tiers"]] == [
        "Commits 1 to 25",
        "Commits 26 to 50",
        "Commits 51 to 51",
    ]
    assert [phase["tier_id"] for phase in body["phases"]].count("tier-1") == 25
    assert [phase["phase_index"] for phase in body["phases"]] == list(range(1, 52))
    assert [phase["phase_id"] for phase in body["phases"]] == [f"{number:012x}" for number in range(2, 53)]


def test_messages_become_name_and_description_that_can_be_stored() -> None:
    body = plan_run(_stretch(1, "  A\tlong  subject\nmore\x00\n"), run_id="r1", project_id="p", title="")
    (phase,) = body["phases"]
    assert phase["name"] == "A long subject"
    assert "\x00" not in phase["description"]
    for message, name in {"": "(no subject)", "x" * 300: "x" * 199 + "…"}.items():
        (phase,) = plan_run(_stretch(1, message), run_id="r1", project_id="p", title="")["phases"]
        assert phase["name"] == name
