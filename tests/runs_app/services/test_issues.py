"""What issues do to the cleanliness of a tier and the worth of a run."""

from typing import Any

import pytest

from runs_app.models import Event, Tier
from tests.support.workshop import Json, Workshop


def _issue(workshop: Workshop, key: str, severity: str = "minor", **fields: Any) -> Json:
    body = {"issue_key": key, "severity": severity, "source": "test", "category": "c"} | fields
    answer = workshop.post("runs/r1/phases/p1/record_issue", body)
    assert answer.status_code == 200, answer.content
    return answer


def test_an_issue_found_after_the_end_takes_a_runs_eligibility_away(tested_workshop: Workshop) -> None:
    tested_workshop.start(phases=1)
    tested_workshop.result("p1", tested_workshop.patch_for({"A": "a\n"}))
    tested_workshop.run_ci()
    assert tested_workshop.run().promotion_eligible_to_main
    _issue(tested_workshop, "k", "major")
    run = tested_workshop.run()
    assert (run.promotion_eligible_to_main, run.debt_status) == (False, "major")
    refused = tested_workshop.post("runs/r1/promote", {}, role="operator").json()
    assert [error["code"] for error in refused["errors"]] == ["tier_not_clean"]


def test_an_issue_found_after_a_failure_changes_the_debt_alone(workshop: Workshop) -> None:
    workshop.start(phases=1)
    workshop.post("runs/r1/cancel", {}, role="operator")
    _issue(workshop, "k")
    run = workshop.run()
    assert (run.promotion_eligible_to_main, run.debt_status) == (False, "minor")


@pytest.mark.parametrize(("profile", "tolerated"), [("normal", 2), ("safety_critical", 1)])
def test_a_safety_critical_tier_tolerates_less(workshop: Workshop, profile: str, tolerated: int) -> None:
    workshop.start(phases=1, safety_profile=profile)
    for number in range(tolerated):
        _issue(workshop, f"k{number}")
    assert Tier.objects.get().cleanliness == "clean"
    _issue(workshop, "one too many")
    assert Tier.objects.get().cleanliness == "not_clean"


def test_an_expected_failure_counts_nowhere(workshop: Workshop) -> None:
    workshop.start(phases=1)
    _issue(workshop, "known", "major", expected_fail=True)
    run, tier = workshop.run(), Tier.objects.get()
    assert (run.major_issues_count, tier.major_issues_count, tier.cleanliness) == (0, 0, "clean")


def test_a_key_that_is_major_in_one_phase_is_not_minor_too(workshop: Workshop) -> None:
    workshop.start(phases=2)
    _issue(workshop, "k")
    body = {"issue_key": "k", "severity": "major", "source": "test", "category": "c"}
    workshop.post("runs/r1/phases/p2/record_issue", body)
    for counted in (workshop.run(), Tier.objects.get()):
        assert (counted.minor_issues_count, counted.major_issues_count) == (0, 1)


def test_a_change_of_cleanliness_is_an_event_and_no_change_is_none(workshop: Workshop) -> None:
    workshop.start(phases=1)
    _issue(workshop, "small")
    assert not Event.objects.filter(kind="note").exists()
    _issue(workshop, "k", "major")
    _issue(workshop, "k", "major")
    event = Event.objects.get(kind="note")
    assert (event.subject, event.before, event.after) == ("t1", "clean", "not_clean")
    assert event.payload["detail"] == "t1 is not clean: 1 major and 1 minor issues."
