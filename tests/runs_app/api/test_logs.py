"""Output of CI steps, read from an offset on."""

import pytest

from runs_app.models import CiStepRun
from tests.support.factories import append_log, make_ci_step_run
from tests.support.workshop import Workshop, python_step


def test_logs_are_read_by_offset(workshop: Workshop) -> None:
    workshop.configure(ci_kind="local", ci_normal=[python_step("print('0123456789' * 3, end='')")])
    workshop.start(phases=1)
    workshop.result("p1", "")
    workshop.run_ci()
    step = CiStepRun.objects.get()
    path = f"ci/steps/{step.pk}/log"
    assert workshop.get("ci/steps/999999/log").status_code == 404
    assert workshop.get(f"{path}?offset=-1").status_code == 400
    assert workshop.get(f"{path}?offset=x").status_code == 400
    total = step.log_bytes
    whole, offset = "", 0
    while True:
        page = workshop.get(f"{path}?offset={offset}&limit=7").json()
        assert page["total_bytes"] == total
        whole, offset = whole + page["content"], page["next_offset"]
        if page["is_complete"]:
            break
    assert whole.endswith("0123456789" * 3)
    past = workshop.get(f"{path}?offset=9{'9' * 5000}").json()
    assert (past["content"], past["is_complete"]) == ("", True)


@pytest.mark.parametrize("limit", [1, 3, 5, 6])
def test_a_page_of_a_log_ends_between_characters(workshop: Workshop, limit: int) -> None:
    step = make_ci_step_run(state="PASSED")
    written = "é€\N{GRINNING FACE}x".encode() * 3 + b"\xff\xf0\x9f"
    append_log(step, written)
    path, whole, page = f"ci/steps/{step.pk}/log", "", {"next_offset": 0, "is_complete": False}
    while not page["is_complete"]:
        before = page["next_offset"]
        page = workshop.get(f"{path}?offset={before}&limit={limit}").json()
        assert page["next_offset"] > before
        whole += page["content"]
    assert whole == written.decode("utf-8", "replace")


def test_half_a_character_at_the_end_of_a_live_log_waits_for_its_rest(workshop: Workshop) -> None:
    step = make_ci_step_run(state="RUNNING")
    append_log(step, "né".encode()[:-1])
    page = workshop.get(f"ci/steps/{step.pk}/log").json()
    assert (page["content"], page["next_offset"], page["total_bytes"]) == ("n", 1, 2)
