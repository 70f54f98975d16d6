"""What phases say to whoever builds them: names, descriptions, what is done when. Pure.

All that people wrote is put on one line, and shortened; the whole of it stands with the plan's features.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog_app.choices import Complexity, FeatureDecision, Strength
from catalog_app.planning.criteria import MAX_KNOWN, known_criteria
from catalog_app.planning.headings import heading_over
from catalog_app.planning.layouts import NOTICES_FILE, Layout
from catalog_app.planning.tiers import has_rows, is_standalone
from catalog_app.planning.types import PlannedFeature, SourceOption, StackChoice
from catalog_app.planning.wording import listed, one_line

MAX_NAME = 200
"""v7 clients and the API take no longer names."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all phases of a plan have in common. `titles` are those of the planned features, by slug."""

    app: str
    stack: StackChoice
    layout: Layout
    titles: Mapping[str, str]

    @property
    def stack_name(self) -> str:
        return one_line(self.stack.title) or self.layout.name

    @property
    def main_slots(self) -> str:
        """Values of the slots that decide how code looks, as in brackets behind a name."""
        values = [self.slot(name) for name in ("backend", "db", "vector_db", "frontend")]
        shown = [value for value in dict.fromkeys(values) if value and value != "none"]
        return f" ({', '.join(shown)})" if shown else ""

    @property
    def all_slots(self) -> str:
        pairs = [(one_line(each.slot), one_line(each.value)) for each in self.stack.slots]
        return ", ".join(f"{slot} {value}" for slot, value in pairs if value and value != "none")

    def slot(self, name: str) -> str:
        return next((one_line(each.value) for each in self.stack.slots if each.slot == name), "")


def title_of(feature: PlannedFeature) -> str:
    """In quotation marks where it is what somebody said, not what the catalog calls it."""
    title = one_line(feature.title) or one_line(feature.key) or "a feature"
    return title if feature.slug else f"“{title.rstrip('.')}”"


def phase_name(verb: str, features: Sequence[PlannedFeature], rest: str = "") -> str:
    """`rest` follows the titles, which are shortened before it is."""
    is_later = all(feature.strength is Strength.SHOULD for feature in features)
    end = f"{' ' if rest else ''}{one_line(rest, 90)}{' (should have)' if is_later else ''}"
    titles = listed([title_of(feature) for feature in features])
    return f"{one_line(f'{verb} {titles}', MAX_NAME - len(end))}{end}"


def describe_reuse(feature: PlannedFeature, source: SourceOption, setting: Setting) -> str:
    """What is the same in each such phase stands in paragraphs of its own."""
    if is_standalone(feature):
        start, rule = _take_service(feature, source), _CONNECT
    else:
        place = setting.layout.place(feature.slug or feature.key)
        start, rule = (
            f"{_take(feature, source)} It becomes part of the project in `{place}`.",
            _adapt(setting),
        )
    return _paragraphs(
        start,
        " ".join(_wanted(feature)),
        _duties(source),
        f"The catalog's curators note: {one_line(source.notes)}" if source.notes else "",
        _remarks(feature, setting),
        rule,
        _ATTRIBUTION,
    )


def describe_new(features: Sequence[PlannedFeature], setting: Setting) -> str:
    if len(features) > 1:
        titles = listed([title_of(feature) for feature in features])
        return _paragraphs(
            f"Build {titles}: small features that belong together and are done in one go.",
            *(f"{title_of(each)}: {' '.join(_wanted(each))}" for each in features),
            _strength_remark(features, setting),
        )
    feature = features[0]
    place = setting.layout.place(feature.slug or feature.key)
    tables = " Its tables are there already; more are not needed." if has_rows(feature) else ""
    is_alone = feature.category != "testing" and not is_standalone(feature)
    where = f"Keep it together in `{place}`, with its tests beside those of the others.{tables}"
    return _paragraphs(
        f"Build {title_of(feature)}. {' '.join(_wanted(feature))}".rstrip(),
        f"Nothing is reused here: {one_line(feature.reason)}" if feature.reason else "",
        where if is_alone else "",
        _standalone_doubt(feature),
        _remarks(feature, setting),
    )


def describe_schema(features: Sequence[PlannedFeature], setting: Setting) -> str:
    titles = listed([title_of(feature) for feature in features])
    it = "it needs" if len(features) == 1 else "they need"
    details = ((title_of(each), " ".join(_wanted(each))) for each in features)
    return _paragraphs(
        f"Lay out the tables of {titles}: models, constraints, indexes and migrations, without pages and "
        f"without behaviour beyond what keeps rows valid. Do no more than {it}.",
        *(f"{title}: {wanted}" for title, wanted in details if wanted),
        f"The database is {setting.slot('db') or 'the one of the stack'}. Rules that must always hold "
        "belong into constraints, money into integers with a currency, times into UTC.",
        _strength_remark(features, setting),
    )


def schema_criteria(features: Sequence[PlannedFeature]) -> tuple[str, ...]:
    titles = listed([title_of(feature) for feature in features])
    return (
        f"There are models and migrations for {titles}, and none for anything else.",
        "All migrations run forward on an empty database and on one with rows, and the last ones back again.",
        "What must not be in a table is refused by a constraint, and each constraint has a test.",
        "Each list that the features will show has an index that the tests see used.",
    )


def reuse_criteria(feature: PlannedFeature, source: SourceOption) -> tuple[str, ...]:
    origin = f"{one_line(source.repo_id)} at {source.pinned_commit[:12] or 'the recorded commit'}"
    first = (
        f"{title_of(feature)} runs as a service pinned to the recorded commit, with its health checked."
        if is_standalone(feature)
        else f"{title_of(feature)} works in the application; imports resolve and its tests pass with ours."
    )
    return (
        first,
        *known_criteria(feature, most=2),
        *constraint_criteria(feature),
        f"{NOTICES_FILE} names {origin}, {one_line(source.license) or 'its licence'} and its copyright "
        "line; headers of copied files are as they were.",
        "Nothing outside of the allowed paths has changed, and new dependencies are locked.",
    )


def new_criteria(features: Sequence[PlannedFeature]) -> tuple[str, ...]:
    """Each feature has its own, so that none is done because another one is."""
    most = MAX_KNOWN if len(features) == 1 else 1
    return tuple(text for feature in features for text in _new_criteria(feature, most))


def constraint_criteria(feature: PlannedFeature) -> tuple[str, ...]:
    """None is left out: those that would make a list too long stand together."""
    texts = [one_line(each) for each in feature.constraints]
    rest = (f"These conditions hold too: {'; '.join(texts[2:])}",) if len(texts) > 2 else ()
    return (*(f"This condition holds, and a test shows it: {text}" for text in texts[:2]), *rest)


def _new_criteria(feature: PlannedFeature, most: int) -> tuple[str, ...]:
    title = title_of(feature)
    does = one_line(feature.description)
    first = f"{title} works, shown by tests: {does}" if does else f"{title} works as asked, shown by tests."
    particular = (*known_criteria(feature, most=most), *constraint_criteria(feature))
    usual = (
        f"Wrong, empty and oversized input to {title} is refused with a clear message.",
        f"{title} refuses whoever may not use it, also by a guessed address.",
    )
    return (first, *particular, *usual[: max(0, most - 1 - len(particular))])


def quoted(quotes: Iterable[str]) -> str:
    """What was said, the first few."""
    lines = list(dict.fromkeys(line for line in map(one_line, quotes) if line))
    return listed([f"“{line}”" for line in lines]) if lines else ""


def _wanted(feature: PlannedFeature) -> list[str]:
    parts = []
    if does := one_line(feature.description):
        parts.append(does if does.endswith((".", "!", "?", "…")) else f"{does}.")
    said = [each for each in feature.quotes if one_line(each).lower() != one_line(feature.title).lower()]
    if asked := quoted(said):
        parts.append(f"Asked for as {asked}.")
    if not feature.slug and (heading := heading_over(feature.places)):
        parts.append(f"In the brief it stands under “{one_line(heading)}” (line {feature.places[0].line}).")
    if feature.constraints:
        parts.append(f"Conditions: {join_conditions(feature.constraints)}")
    return parts


def join_conditions(constraints: Sequence[str]) -> str:
    """As one sentence, however each of them ends."""
    return f"{'; '.join(one_line(each).rstrip('.') for each in constraints)}."


def _take(feature: PlannedFeature, source: SourceOption) -> str:
    """What to take. A source without paths is usually a library."""
    license = one_line(source.license) or "its licence"
    start = f"Take {title_of(feature)} over from {_origin(source)}, under {license}."
    if source.paths:
        paths = listed([f"`{one_line(path)}`" for path in source.paths])
        return (
            f"{start} Copy {paths} and what that cannot do without, nothing else. If the package that it "
            "is part of is used whole and unchanged, depend on the release of that commit instead."
        )
    return (
        f"{start} Where it is a package and is used unchanged, depend on the release of that commit; else "
        "copy only the parts that do this."
    )


def _take_service(feature: PlannedFeature, source: SourceOption) -> str:
    return (
        f"Run {one_line(source.repo_id)} beside the application for {title_of(feature)}, as a service of "
        f"its own: {_origin(source)}, under {one_line(source.license) or 'its licence'}. None of its code "
        "is copied."
    )


def _origin(source: SourceOption) -> str:
    commit = f", at commit `{source.pinned_commit}`" if source.pinned_commit else ""
    return f"{one_line(source.repo_id)} ({one_line(source.repo_url)}{commit})"


def _adapt(setting: Setting) -> str:
    return (
        f"What is taken over is made part of the project{setting.main_slots}: with the project's settings, "
        "database, sessions and pages instead of its own, and without demos, deployment, CI and "
        "documentation site. What is written in another language is not translated, but run unchanged as "
        "a service beside the application. Upstream's tests of what is taken come along, and tests of "
        "what was asked for are added."
    )


_CONNECT = (
    "A service is pinned to its commit by image or build, and is part of the compose file with a health "
    "check. The application reaches it through one small client with timeouts, which tests replace by a "
    "fake. Its settings come from the environment, its secrets from nowhere in the repository."
)
_ATTRIBUTION = (
    f"Attribution: `{NOTICES_FILE}` gets an entry with repository, address, commit, licence and copyright "
    "line, `LICENSES/` the text of the licence, and copied files keep their headers."
)


def _duties(source: SourceOption) -> str:
    duties = " ".join(map(one_line, source.duties))
    return f"The licence {one_line(source.license)} asks for this: {duties}" if duties else ""


def _standalone_doubt(feature: PlannedFeature) -> str:
    if not is_standalone(feature):
        return ""
    return (
        "This is usually a product of its own that runs beside an application. Build the smallest part "
        "that was asked for, and say in its documentation when to replace it."
    )


def _remarks(feature: PlannedFeature, setting: Setting) -> str:
    remarks = []
    if feature.decision is FeatureDecision.OPEN:
        remarks.append("Provisional: a question about this feature has no answer yet.")
    titles = [setting.titles[slug] for slug in feature.requires if slug in setting.titles]
    if titles:
        remarks.append(f"It builds on {listed(titles)}.")
    needed_by = [setting.titles.get(each, one_line(each)) for each in feature.required_by]
    if needed_by:
        remarks.append(f"It is here because {listed(needed_by)} cannot do without it.")
    if feature.complexity is Complexity.HIGH and not feature.source:
        remarks.append("This is a large piece of work: settle the interfaces first, then fill them in.")
    return " ".join((*remarks, _strength_remark((feature,), setting))).strip()


def _strength_remark(features: Sequence[PlannedFeature], setting: Setting) -> str:
    is_later = all(each.strength is Strength.SHOULD for each in features)
    return f"{setting.app} can go live without it." if is_later else ""


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)
