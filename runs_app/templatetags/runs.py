"""Template filters that know what a run is made of."""

import shlex

from django import template
from django.utils import timezone

from runs_app.ci.types import StepSpec
from runs_app.models import Event, Phase, Run
from runs_app.presentation.commands import Command, describe_show
from runs_app.presentation.events import EventLine, Fact, describe_event
from runs_app.presentation.terminal import Span, read_output

register = template.Library()


@register.filter
def describe(event: Event) -> EventLine:
    """An event as a line of the timeline."""
    return describe_event(Fact(event.kind, event.subject, event.after, event.actor_name, event.payload))


@register.filter
def minutes_used(run: Run) -> int:
    """Whole minutes since the run started, until it ended."""
    if run.started_at is None:
        return 0
    return int(((run.completed_at or timezone.now()) - run.started_at).total_seconds() // 60)


@register.filter
def show_command(phase: Phase) -> Command:
    """The git command that shows what a completed phase put on the branch."""
    return describe_show(phase)


@register.filter
def command_line(step: StepSpec) -> str:
    """A CI step's command as one would type it."""
    return step.argv[0] if step.is_shell else shlex.join(step.argv)


@register.filter
def terminal(text: str) -> tuple[Span, ...]:
    """Terminal output that was stored as text."""
    return read_output(text.encode())
