"""`plan.md`: a plan as a tech lead would hand it to a team. Pure."""

from collections.abc import Iterable, Iterator

from catalog_app.choices import (
    FeatureDecision,
    FeatureOrigin,
    PlanMode,
    SourceVerdict,
    Strength,
)
from catalog_app.interchange.entries import Json
from catalog_app.planning.document import from_json
from catalog_app.planning.markdown_phases import write_phases
from catalog_app.planning.markdown_text import (
    bullets,
    code,
    heading,
    in_hours,
    inline,
    link,
    paragraph,
    table,
)
from catalog_app.planning.types import (
    PlanDocument,
    PlannedFeature,
    Question,
    RunnerUp,
    ScorePart,
)
from catalog_app.planning.wording import counted, listed


def write_markdown(document: Json) -> str:
    """Of a plan as JSON, also one that was stored by an earlier planner. Raises DocumentError."""
    plan = from_json(document)
    sections = (
        _opening(plan),
        _questions(plan),
        _stack(plan),
        _features(plan),
        _choices(plan),
        write_phases(plan),
        _left_out(plan),
        _warnings(plan),
        _excluded(plan),
        _not_understood(plan),
        _cost(plan),
        _origin(plan),
    )
    return "\n\n".join(section for section in sections if section) + "\n"


def _opening(plan: PlanDocument) -> str:
    parts = [heading(plan.title.strip() or "Plan", 1)]
    if plan.summary:
        parts.append(paragraph(plan.summary))
    parts.append(" ".join(_overview(plan)))
    if plan.constraints:
        parts.append("These conditions hold for all of it:")
        parts.append(bullets(paragraph(each) for each in plan.constraints))
    if plan.parameters:
        parts.append("Parameters:")
        parts.append(bullets(f"{code(key)}: {inline(str(value))}" for key, value in plan.parameters.items()))
    return "\n\n".join(parts)


def _overview(plan: PlanDocument) -> Iterator[str]:
    count = dict.fromkeys(FeatureDecision, 0)
    for feature in plan.features:
        count[feature.decision] += 1
    planned = sum(count[each] for each in FeatureDecision.planned())
    if not planned:
        yield "There is nothing to build."
        return
    stack = f" on **{inline(plan.stack.title)}**" if plan.stack.title else ""
    kind = f", of type {code(plan.project_type.label)}" if plan.project_type.label else ""
    yield f"This plan builds {counted(planned, 'feature')}{stack}{kind}."
    words = (
        _are(count[FeatureDecision.REUSE], "taken from code that exists"),
        _are(count[FeatureDecision.BUILD_NEW], "built new"),
        _are(count[FeatureDecision.OPEN], "still open"),
    )
    yield f"Of these, {listed(word for word in words if word)}."
    phases = [phase for run in plan.runs for phase in run.phases]
    yield (
        f"It takes {counted(len(phases), 'phase')} in {counted(len(plan.runs), 'run')}, about "
        f"{plan.budget.tokens:,} tokens and {in_hours(plan.budget.minutes)} one after the other."
    )
    blocked = sum(1 for phase in phases if phase.blocked)
    if plan.mode is PlanMode.DRAFT:
        yield "It is a draft: it also reuses what has still to be verified."
    if blocked:
        yield f"**{counted(blocked, 'phase')} cannot start before a source is verified.**"
    if plan.questions:
        yield f"**{counted(len(plan.questions), 'question')} must be answered before it can start.**"


def _questions(plan: PlanDocument) -> str:
    if not plan.questions:
        return ""
    example = plan.questions[0]
    return "\n\n".join(
        (
            "## What has to be decided",
            "Until there is an answer, the plan assumes the one that is marked. To answer, revise the plan "
            f"with `answers`, the id of a question and the id of an option: {code(example.id)} and "
            f"{code(example.provisional or _first_option(example))}, for instance.",
            *map(_question, plan.questions),
        )
    )


def _first_option(question: Question) -> str:
    return question.options[0].id if question.options else ""


def _question(question: Question) -> str:
    options = []
    for option in question.options:
        effect = f" {inline(option.effect)}" if option.effect else ""
        assumed = " *Assumed for now.*" if option.id == question.provisional else ""
        options.append(f"{code(option.id)}: {inline(option.label)}.{effect}{assumed}")
    return f"**{inline(question.text)}** ({code(question.id)})\n\n{bullets(options)}".rstrip()


def _stack(plan: PlanDocument) -> str:
    kind = plan.project_type
    if not plan.stack.profile:
        return "## Stack\n\nThe catalog has no stack for this; the phases assume none in particular."
    proposed = "proposed here" if kind.is_proposed else "given"
    parts = ["## Stack"]
    if kind.label:
        reasons = _sentences(kind.reasons)
        parts.append(f"The project type is {code(kind.label)}, {proposed}. {reasons}".rstrip())
    if kind.others:
        others = (f"{code(label)} ({inline(reason)})" for label, reason in kind.others)
        parts.append(f"It could also be {listed(others)}.")
    pinned = " It was pinned." if plan.stack.is_pinned else ""
    score = f" Score {plan.stack.score:.2f}: {_parts(plan.stack.parts)}." if plan.stack.parts else ""
    parts.append(
        f"**{inline(plan.stack.title)}** ({code(plan.stack.profile)}). {inline(plan.stack.reason)}"
        f"{pinned}{score}"
    )
    if plan.stack.slots:
        rows = (
            (
                inline(each.slot),
                inline(each.value) + (" (pinned)" if each.is_pinned else ""),
                inline(each.reason),
            )
            for each in plan.stack.slots
        )
        parts.append(table(("Part", "Choice", "Why"), rows))
    if plan.stack.runners_up:
        parts.append("The next best:")
        parts.append(bullets(map(_runner_up, plan.stack.runners_up)))
    return "\n\n".join(parts)


def _runner_up(other: RunnerUp) -> str:
    start = f"**{inline(other.title)}** ({code(other.profile)}, score {other.score:.2f})"
    return f"{start}: {'; '.join(map(inline, other.lacks))}" if other.lacks else start


def _features(plan: PlanDocument) -> str:
    if not plan.features:
        return ""
    titles = {feature.key: feature.title for feature in plan.features}
    rows = [
        (
            inline(feature.title) + (" (should have)" if feature.strength is Strength.SHOULD else ""),
            _decision(feature),
            _from(feature, titles),
            inline(feature.source.license) if feature.source else "",
            _confidence(feature),
            _asked(feature),
        )
        for feature in plan.features
    ]
    head = ("Feature", "Decision", "From, or why not", "Licence", "Certainty", "Asked for as")
    return f"## Features\n\n{table(head, rows)}"


def _decision(feature: PlannedFeature) -> str:
    label = feature.decision.label
    return f"{label}, blocked until verified" if feature.is_blocked else label


def _from(feature: PlannedFeature, titles: dict[str, str]) -> str:
    if feature.decision is FeatureDecision.MERGED:
        return f"planned as {inline(titles.get(feature.merged_into, feature.merged_into))}"
    if feature.source is None:
        return inline(feature.reason)
    commit = f" at {code(feature.source.pinned_commit[:12])}" if feature.source.pinned_commit else ""
    paths = f": {', '.join(map(code, feature.source.paths))}" if feature.source.paths else ""
    return f"{link(feature.source.repo_id, feature.source.repo_url)}{commit}{paths}"


def _confidence(feature: PlannedFeature) -> str:
    if feature.origin is FeatureOrigin.MATCHED:
        return f"{feature.confidence:.0%}"
    return feature.origin.label.lower()


def _asked(feature: PlannedFeature) -> str:
    quotes = "; ".join(f"“{inline(quote)}”" for quote in dict.fromkeys(feature.quotes) if quote.strip())
    lines = [str(place.line) for place in feature.places if place.line]
    where = f" (line {', '.join(lines)})" if lines else ""
    needed = f"needed by {', '.join(map(inline, feature.required_by))}" if feature.required_by else ""
    said = "; ".join(inline(each).rstrip(".") for each in feature.constraints)
    conditions = f" Conditions: {said}." if said else ""
    return f"{quotes or needed}{where}{conditions}".strip()


def _choices(plan: PlanDocument) -> str:
    """Every number of the ranking of what was chosen; reasons of single numbers stand in the document."""
    chosen = [
        (feature, feature.source)
        for feature in plan.features
        if feature.source is not None and feature.decision in FeatureDecision.planned()
    ]
    if not chosen:
        return ""
    weights = {part.name: part.weight for _, source in chosen for part in source.parts}
    head = ["Feature", "Source", "Score"]
    head += [f"{inline(name.replace('_', ' '))} ({weight:.2f})" for name, weight in weights.items()]
    rows = (
        (
            inline(feature.title),
            inline(source.repo_id),
            f"{source.score:.2f}",
            *_values(source.parts, weights),
            ", ".join(_next_best(feature)),
            inline(source.why),
        )
        for feature, source in chosen
    )
    note = (
        "The score is the sum of the numbers, from 0 to 1, times their weights, which stand in brackets."
        if weights
        else ""
    )
    body = table([*head, "Next best", "Why"], rows)
    return "\n\n".join(each for each in ("## Why these sources", note, body) if each)


def _values(parts: Iterable[ScorePart], names: Iterable[str]) -> list[str]:
    values = {part.name: f"{part.value:.2f}" for part in parts}
    return [values.get(name, "") for name in names]


def _next_best(feature: PlannedFeature) -> Iterator[str]:
    for option in feature.options:
        if option.verdict is SourceVerdict.USABLE:
            yield f"{inline(option.repo_id)} {option.score:.2f}"


def _left_out(plan: PlanDocument) -> str:
    lines = [f"“{inline(veto.quote)}”: {inline(veto.effect)}" for veto in plan.vetoes]
    lines += [
        f"{inline(feature.title)}: {inline(feature.reason) or 'left out.'}"
        for feature in plan.features
        if feature.decision is FeatureDecision.VETOED
    ]
    return f"## What is not built\n\n{bullets(lines)}" if lines else ""


def _warnings(plan: PlanDocument) -> str:
    lines = [f"{inline(each.text)} ({code(each.code)})" for each in plan.warnings]
    return f"## Risks and warnings\n\n{bullets(lines)}" if lines else ""


def _excluded(plan: PlanDocument) -> str:
    """By reason: it is usually one for many."""
    by_reason: dict[tuple[str, str], list[str]] = {}
    for feature in plan.features:
        for option in feature.options:
            if option.verdict is SourceVerdict.EXCLUDED:
                source = f"{link(option.repo_id, option.repo_url)} ({inline(option.license) or 'no licence'})"
                named = f"{source} for {inline(feature.title)}"
                by_reason.setdefault((option.why, option.remedy), []).append(named)
    if not by_reason:
        return ""
    parts = ["## Sources that may not be used"]
    for (why, remedy), sources in by_reason.items():
        change = f" *To change that:* {inline(remedy)}" if remedy else ""
        parts.append(f"{paragraph(why) or 'No reason was given.'}{change}")
        parts.append(bullets(dict.fromkeys(sources)))
    return "\n\n".join(parts)


def _not_understood(plan: PlanDocument) -> str:
    lines = []
    for each in plan.leftovers:
        where = f" (line {each.place.line})" if each.place.line else ""
        lines.append(f"“{inline(each.text)}”{where}: {inline(each.why)}")
    return f"## What was not understood\n\n{bullets(lines)}" if lines else ""


def _cost(plan: PlanDocument) -> str:
    budget = plan.budget
    if not budget.tokens:
        return ""
    rows = (
        ("Tokens", f"{budget.tokens:,}"),
        ("of these for reuse", f"{budget.tokens_reuse:,}"),
        ("of these for new work", f"{budget.tokens_new:,}"),
        ("Tokens if all of it were built new", f"{budget.tokens_if_all_new:,}"),
        ("Time, one phase after the other", in_hours(budget.minutes)),
        ("CI runs", f"{budget.ci_runs:,}"),
    )
    basis = "\n\n".join(paragraph(each) for each in budget.basis)
    return f"## What it may cost\n\n{table(('What', 'How much'), rows)}\n\n{basis}".rstrip()


def _origin(plan: PlanDocument) -> str:
    inputs = plan.inputs
    rows = (
        ("Request", code(inputs.request_digest)),
        (f"Catalog {inline(inputs.catalog)}", code(inputs.catalog_digest)),
        (f"Licence policy {inline(inputs.policy)}", code(inputs.policy_digest)),
        ("Outcomes of earlier reuse", code(inputs.outcomes_digest)),
        ("Lookup", code(inputs.lookup_engine)),
        ("Planner", code(inputs.planner)),
    )
    start = "The same inputs give this plan again, byte for byte:"
    return f"## Where this plan comes from\n\n{start}\n\n{table(('Input', 'Version or digest'), rows)}"


def _parts(parts: Iterable[ScorePart]) -> str:
    return "; ".join(
        f"{inline(each.name.replace('_', ' '))} {each.value:.2f} of weight {each.weight:.2f}"
        + (f" ({inline(each.reason).removesuffix('.')})" if each.reason else "")
        for each in parts
    )


def _sentences(texts: Iterable[str]) -> str:
    return " ".join(inline(text) for text in texts)


def _are(number: int, what: str) -> str:
    return f"{number:,} {'is' if number == 1 else 'are'} {what}" if number else ""
