"""The phases of `plan.md`, by run and tier. Pure."""

from collections import Counter
from collections.abc import Mapping
from itertools import groupby

from catalog_app.choices import CiProfile
from catalog_app.planning.markdown_text import (
    bullets,
    code,
    heading,
    in_hours,
    inline,
    paragraph,
    prose,
    split_paragraphs,
)
from catalog_app.planning.types import PlanDocument, PlannedPhase, PlannedRun

_SAID_OFTEN = 3
_LONG = 100
"""A paragraph of this many characters that so many phases have is said once, before them."""

_Rules = Mapping[str, int]
"""Paragraph to its number."""


def write_phases(plan: PlanDocument) -> str:
    if not plan.runs:
        return ""
    rules = _find_rules(plan)
    runs = (_run(run, rules, is_only=len(plan.runs) == 1) for run in plan.runs)
    parts = ["## How it is built"]
    if rules:
        parts.append("Ground rules that phases refer to:")
        parts.append("\n".join(f"{number}. {prose(text)}" for text, number in rules.items()))
    return "\n\n".join((*parts, *runs))


def _find_rules(plan: PlanDocument) -> _Rules:
    counts = Counter(
        text for run in plan.runs for phase in run.phases for text in split_paragraphs(phase.description)
    )
    often = [text for text, count in counts.items() if count >= _SAID_OFTEN and len(text) >= _LONG]
    return {text: number for number, text in enumerate(often, 1)}


def _run(run: PlannedRun, rules: _Rules, *, is_only: bool) -> str:
    tiers = {tier.tier_id: tier for tier in run.tiers}
    count = f"{len(run.phases)} phase{'' if len(run.phases) == 1 else 's'}"
    caps = f"at most {run.token_cap:,} tokens and {in_hours(run.max_duration_minutes)}"
    follows = "" if run.number == 1 else f" It starts where run {run.number - 1} ended."
    title = run.title if is_only else f"Run {run.number}: {run.title}"
    parts = [heading(title, 3), f"{count}, {caps}.{follows}"]
    for tier_id, phases in groupby(run.phases, key=lambda phase: phase.tier_id):
        tier = tiers[tier_id]
        parts.append(heading(tier.name, 4))
        if tier.description:
            parts.append(paragraph(tier.description))
        parts.extend(_phase(phase, rules) for phase in phases)
    return "\n\n".join(parts)


def _phase(phase: PlannedPhase, rules: _Rules) -> str:
    about = [code(phase.task_category)] if phase.task_category else []
    about.append(f"{phase.complexity.label.lower()} complexity")
    if phase.ci_profile is CiProfile.STRICT:
        about.append("strict CI")
    about.append(f"stopped at {phase.incident_token_cap:,} tokens")
    after = f" After {', '.join(map(code, phase.depends_on))}." if phase.depends_on else ""
    parts = [
        heading(f"{phase.phase_index + 1}. {phase.name}", 5),
        f"{code(phase.phase_id)}: {', '.join(about)}.{after}",
    ]
    if phase.blocked:
        parts.append(f"**Blocked.** {inline(phase.blocked)}")
    texts = split_paragraphs(phase.description)
    parts.extend(prose(text) for text in texts if text not in rules)
    numbers = [str(rules[text]) for text in texts if text in rules]
    if numbers:
        parts.append(f"Ground rule{'' if len(numbers) == 1 else 's'}: {', '.join(numbers)}.")
    if phase.acceptance_criteria:
        parts.append("Done when:")
        parts.append(bullets(prose(each) or "-" for each in phase.acceptance_criteria))
    if phase.allowed_paths:
        parts.append(f"May change: {', '.join(map(code, phase.allowed_paths))}")
    return "\n\n".join(parts)
