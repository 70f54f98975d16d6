"""A phase with its attempts, and the patch of one of them."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from autopack.actors import Actor
from autopack.pages import PageRequest, dashboard_page, is_unchanged, read_number, render_live, unchanged
from runs_app.models import Attempt
from runs_app.presentation.pages import find_file, show_patch
from runs_app.selectors import dashboard_runs


@dashboard_page()
def phase_detail(request: PageRequest, actor: Actor, run_id: str, phase_id: str) -> HttpResponse:
    phase = dashboard_runs.get_phase(actor, run_id, phase_id)
    version = dashboard_runs.read_phase_version(phase)
    is_live = dashboard_runs.is_phase_live(phase)
    if is_live and is_unchanged(request, version):
        return unchanged()
    attempts = dashboard_runs.list_attempts(phase)
    chosen = _choose(attempts, read_number(request, "attempt"))
    context: dict[str, Any] = {
        "phase": phase,
        "run": phase.run,
        "version": version,
        "is_live": is_live,
        "attempts": attempts,
        "chosen": chosen,
        "ci_runs": dashboard_runs.list_ci_runs(chosen) if chosen else [],
        "verdicts": list(phase.verdicts.select_related("candidate__attempt")),
        "issues": list(phase.issues.order_by("effective_severity", "pk")),
        "neighbours": dashboard_runs.find_neighbours(phase),
    }
    if chosen and hasattr(chosen, "patch") and not request.htmx:
        context["patch"] = show_patch(bytes(chosen.patch.content), chosen.refusals.all())
    return render_live(request, "runs_app/phase", context)


@dashboard_page()
def phase_patch(request: PageRequest, actor: Actor, run_id: str, phase_id: str, number: int) -> HttpResponse:
    """All of a patch, or with `file` one of its files from line `skip`; to htmx just that part."""
    attempt = dashboard_runs.get_attempt(actor, run_id, phase_id, number)
    content, refusals = bytes(attempt.patch.content), attempt.refusals.all()
    context: dict[str, Any] = {
        "attempt": attempt,
        "phase": attempt.phase,
        "run": attempt.phase.run,
        "chosen": attempt,
    }
    index = read_number(request, "file")
    if index is None:
        context["patch"] = show_patch(content, refusals, first=read_number(request, "first") or 0)
        return render(
            request, "runs_app/patch_files.html" if request.htmx else "runs_app/patch.html", context
        )
    shown = find_file(content, index, refusals, skip=read_number(request, "skip") or 0)
    if shown is None:
        raise Http404
    context["shown"] = shown
    return render(request, "runs_app/patch_lines.html" if request.htmx else "runs_app/patch.html", context)


@dashboard_page()
def phase_patch_raw(
    request: PageRequest,  # noqa: ARG001
    actor: Actor,
    run_id: str,
    phase_id: str,
    number: int,
) -> HttpResponse:
    """The bytes as they came."""
    attempt = dashboard_runs.get_attempt(actor, run_id, phase_id, number)
    name = f"{run_id}-{phase_id}-{number}.patch"
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(
        bytes(attempt.patch.content), content_type="application/octet-stream", headers=headers
    )


def _choose(attempts: Sequence[Attempt], number: int | None) -> Attempt | None:
    """The attempt asked for, else the newest."""
    wanted = next((attempt for attempt in attempts if attempt.number == number), None)
    return wanted or (attempts[0] if attempts else None)
