"""The phases of `plan.md`, by run and tier. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Shared:
    """What several phases have word for word, with the number under which it stands before them."""

    rules: Mapping[str, int]
    paths: Mapping[tuple[str, ...], int]


def write_phases(plan: PlanDocument) -> str:
    if not plan.runs:
        return ""
    shared = _find_shared([phase for run in plan.runs for phase in run.phases])
    runs = (_run(run, shared, is_only=len(plan.runs) == 1) for run in plan.runs)
    parts = ["## How it is built"]
    if shared.rules:
        parts.append("Ground rules that phases refer to:")
        parts.append("\n".join(f"{number}. {prose(text)}" for text, number in shared.rules.items()))
    if shared.paths:
        parts.append("Sets of paths that phases may change (`!` takes back):")
        parts.append("\n".join(f"{number}. {_list(paths)}" for paths, number in shared.paths.items()))
    return "\n\n".join((*parts, *runs))


def _find_shared(phases: Sequence[PlannedPhase]) -> _Shared:
    texts = Counter(text for phase in phases for text in split_paragraphs(phase.description))
    often = [text for text, count in texts.items() if count >= _SAID_OFTEN and len(text) >= _LONG]
    sets = Counter(phase.allowed_paths for phase in phases if len(_list(phase.allowed_paths)) >= _LONG)
    common = [paths for paths, count in sets.items() if count >= _SAID_OFTEN]
    return _Shared(
        {text: number for number, text in enumerate(often, 1)},
        {paths: number for number, paths in enumerate(common, 1)},
    )


def _list(codes: Iterable[str]) -> str:
    return ", ".join(map(code, codes))


def _run(run: PlannedRun, shared: _Shared, *, is_only: bool) -> str:
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
        parts.extend(_phase(phase, shared) for phase in phases)
    return "\n\n".join(parts)


def _phase(phase: PlannedPhase, shared: _Shared) -> str:
    about = [code(phase.task_category)] if phase.task_category else []
    about.append(f"{phase.complexity.label.lower()} complexity")
    if phase.ci_profile is CiProfile.STRICT:
        about.append("strict CI")
    about.append(f"stopped at {phase.incident_token_cap:,} tokens")
    after = f" After {_list(phase.depends_on)}." if phase.depends_on else ""
    parts = [
        heading(f"{phase.phase_index + 1}. {phase.name}", 5),
        f"{code(phase.phase_id)}: {', '.join(about)}.{after}",
    ]
    if phase.blocked:
        parts.append(f"**Blocked.** {inline(phase.blocked)}")
    texts = split_paragraphs(phase.description)
    parts.extend(prose(text) for text in texts if text not in shared.rules)
    numbers = [str(shared.rules[text]) for text in texts if text in shared.rules]
    if numbers:
        parts.append(f"Ground rule{'' if len(numbers) == 1 else 's'}: {', '.join(numbers)}.")
    if phase.acceptance_criteria:
        parts.append("Done when:")
        parts.append(bullets(prose(each) or "-" for each in phase.acceptance_criteria))
    if phase.allowed_paths:
        number = shared.paths.get(phase.allowed_paths)
        parts.append(f"May change: {f'set {number} of paths.' if number else _list(phase.allowed_paths)}")
    return "\n\n".join(parts)
