"""The output of a CI step: its end, what came since, what was before, or all of it as a file."""

from django.http import HttpResponse
from django.shortcuts import render

from autopack.actors import Actor
from autopack.pages import PageRequest, dashboard_page, read_number, unchanged
from runs_app.choices import CiStepState
from runs_app.presentation.terminal import read_output
from runs_app.selectors import dashboard_logs
from runs_app.selectors.logs import read_range
from runs_app.selectors.runs import get_step_run


@dashboard_page()
def step_log(request: PageRequest, actor: Actor, step_pk: int) -> HttpResponse:
    step = get_step_run(actor, step_pk)
    is_live = step.status == CiStepState.RUNNING
    since, before = read_number(request, "since"), read_number(request, "before")
    if before is not None:
        piece = dashboard_logs.read_before(step, min(before, step.log_bytes))
    elif since is not None:
        piece = dashboard_logs.read_since(step, min(since, step.log_bytes), is_live=is_live)
        if is_live and not piece.content:
            return unchanged()
    else:
        piece = dashboard_logs.read_tail(step, is_live=is_live)
    context = {
        "step": step,
        "piece": piece,
        "spans": read_output(piece.content),
        "is_live": is_live,
        "has_end": before is None,
        "has_start": since is None,
        "phase": step.ci_run.candidate.attempt.phase,
    }
    return render(request, "runs_app/log_part.html" if request.htmx else "runs_app/log.html", context)


@dashboard_page()
def step_log_raw(request: PageRequest, actor: Actor, step_pk: int) -> HttpResponse:  # noqa: ARG001
    step = get_step_run(actor, step_pk)
    # Not streamed: under ASGI a synchronous iterator is read whole first anyway, and logs are capped.
    return HttpResponse(
        read_range(step, 0, step.log_bytes),
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="step-{step.pk}.log"',
            "X-Content-Type-Options": "nosniff",
        },
    )
