"""Features as phases with v7's fields (§4, §6, §8). Pure."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial

from autopack.task_categories import HIGH_RISK, REUSE, SCAFFOLDING, SCHEMA, SECURITY, TESTS
from catalog_app.choices import Complexity, FeatureDecision, Strength
from catalog_app.planning import phase_texts
from catalog_app.planning.drafts import Contents, Draft
from catalog_app.planning.layouts import Scope, choose_layout
from catalog_app.planning.ordering import OrderedFeature, order_features
from catalog_app.planning.phase_texts import Setting
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.reuse_contents import write_reuse
from catalog_app.planning.tiers import Tier, has_rows, is_about_security, is_standalone
from catalog_app.planning.types import Decisions, PlannedFeature, SourceOption
from catalog_app.planning.whole_app import draft_beginning, draft_end
from catalog_app.planning.wording import one_line

MAX_SHARING = 3
"""Small features of one kind that one phase builds."""

MAX_TABLES_OF = 4
"""Features of one kind whose tables one phase lays out."""


def draft_phases(request: PlanRequest, decisions: Decisions) -> list[Draft]:
    """All phases but those that were given, which come first. Within a tier they are built as they come."""
    ordered = order_features(decisions.features)
    if not ordered:
        return []
    setting = Setting(
        app=one_line(request.title, 100) or "The application",
        stack=decisions.stack,
        layout=choose_layout({each.slot: each.value for each in decisions.stack.slots}),
        titles={each.slug: phase_texts.title_of(each) for each in decisions.features if each.slug},
    )
    features = [each.feature for each in ordered]
    beginning = [] if request.given else draft_beginning(request, features, setting)
    drafts = [*beginning, *_draft_features(ordered, setting, beginning)]
    return drafts + draft_end(features, drafts, setting)


def _draft_features(
    ordered: Sequence[OrderedFeature], setting: Setting, beginning: Sequence[Draft]
) -> list[Draft]:
    """What the data tier has comes before the tables of features, and these before the features."""
    early = [each for each in ordered if each.tier <= Tier.DATA]
    late = [each for each in ordered if each.tier > Tier.DATA]
    grounds = {tier: _ground(beginning, tier) for tier in Tier}
    built: dict[str, str] = {}
    """Key of a feature to the handle of the phase that builds it."""
    drafts = _draft_building(early, setting, built, {}, grounds)
    tables: dict[str, str] = {}
    drafts += _draft_tables(late, setting, built, tables, grounds[Tier.DATA])
    return drafts + _draft_building(late, setting, built, tables, grounds)


def _ground(beginning: Sequence[Draft], tier: Tier) -> tuple[str, ...]:
    """What a phase of the tier stands on if it needs nothing in particular."""
    return tuple(draft.handle for draft in beginning if draft.tier <= tier)[-1:]


def _draft_tables(
    ordered: Sequence[OrderedFeature],
    setting: Setting,
    built: Mapping[str, str],
    tables: dict[str, str],
    ground: tuple[str, ...],
) -> list[Draft]:
    """Adds to `tables`: key of a feature to the handle of the phase that lays out its tables."""
    drafts = []
    must_first = sorted(ordered, key=lambda each: each.feature.strength is Strength.SHOULD)
    with_tables = [each for each in must_first if each.feature.source is None and _has_tables(each.feature)]
    for group in _group(with_tables, MAX_TABLES_OF, _tables_kind):
        features = tuple(each.feature for each in group)
        handle = f"tables {features[0].key}"
        tables.update((each.key, handle) for each in features)
        required = (tables.get(key) or built.get(key) for each in group for key in each.requires)
        drafts.append(
            Draft(
                handle=handle,
                label=f"tables-{features[0].slug or features[0].key}",
                tier=Tier.DATA,
                task_category=SCHEMA,
                complexity=Complexity.HIGH,
                builder_mode="schema_heavy",
                write=partial(_write_tables, features, setting),
                needs=_unique_but(handle, required) or ground,
                features=tuple(each.key for each in features),
            )
        )
    return drafts


def _write_tables(features: Sequence[PlannedFeature], setting: Setting) -> Contents:
    return Contents(
        name=phase_texts.phase_name("Lay out tables for", features),
        description=phase_texts.describe_schema(features, setting),
        acceptance_criteria=phase_texts.schema_criteria(features),
        allowed_paths=setting.layout.allowed_paths(Scope.SCHEMA),
    )


def _draft_building(
    ordered: Sequence[OrderedFeature],
    setting: Setting,
    built: dict[str, str],
    tables: Mapping[str, str],
    grounds: Mapping[Tier, tuple[str, ...]],
) -> list[Draft]:
    """Adds to `built`."""
    drafts = []
    for group in _group(ordered, MAX_SHARING, _building_kind):
        handle = f"build {group[0].feature.key}"
        built.update((each.feature.key, handle) for each in group)
        required = [tables.get(each.feature.key) for each in group]
        required += [built.get(key) for each in group for key in each.requires]
        needs = _unique_but(handle, required) or grounds[group[0].tier]
        source = group[0].feature.source
        if source is None:
            drafts.append(_draft_new(group, setting, handle, needs))
        else:
            drafts.append(_draft_reuse(group[0], source, setting, handle, needs))
    return drafts


def _draft_reuse(
    ordered: OrderedFeature, source: SourceOption, setting: Setting, handle: str, needs: tuple[str, ...]
) -> Draft:
    feature = ordered.feature
    scope = _tool_scope(feature, ordered.tier) or Scope.REUSE
    return Draft(
        handle=handle,
        label=f"reuse-{feature.slug or feature.key}",
        tier=ordered.tier,
        task_category=REUSE,
        complexity=Complexity.HIGH,
        builder_mode="scaffolding_heavy",
        write=partial(write_reuse, feature, source, setting, scope),
        needs=needs,
        features=(feature.key,),
    )


def _draft_new(
    group: Sequence[OrderedFeature], setting: Setting, handle: str, needs: tuple[str, ...]
) -> Draft:
    features = tuple(each.feature for each in group)
    first = features[0]
    category = _building_category(group[0])
    return Draft(
        handle=handle,
        label=f"build-{first.slug or first.key}",
        tier=group[0].tier,
        task_category=category,
        complexity=_complexity(features, category),
        builder_mode=_builder_mode(features, category),
        write=partial(_write_new, features, setting, _new_scope(group[0])),
        needs=needs,
        features=tuple(each.key for each in features),
    )


def _write_new(features: Sequence[PlannedFeature], setting: Setting, scope: Scope) -> Contents:
    return Contents(
        name=phase_texts.phase_name("Build", features),
        description=phase_texts.describe_new(features, setting),
        acceptance_criteria=phase_texts.new_criteria(features),
        allowed_paths=setting.layout.allowed_paths(scope),
    )


def _building_category(ordered: OrderedFeature) -> str:
    feature = ordered.feature
    if is_about_security(feature):
        return SECURITY
    if feature.category == "testing":
        return TESTS
    return SCHEMA if ordered.tier is Tier.DATA and _has_tables(feature) else SCAFFOLDING


def _complexity(features: Sequence[PlannedFeature], category: str) -> Complexity:
    """Several small features are no longer a small phase."""
    if category in HIGH_RISK:
        return Complexity.HIGH
    return features[0].complexity if len(features) == 1 else Complexity.MEDIUM


def _builder_mode(features: Sequence[PlannedFeature], category: str) -> str:
    if category == SCHEMA:
        return "schema_heavy"
    is_small = len(features) == 1 and features[0].complexity is Complexity.LOW
    return "tweak_light" if is_small else "scaffolding_heavy"


def _has_tables(feature: PlannedFeature) -> bool:
    return has_rows(feature) and not is_about_security(feature)


def _new_scope(ordered: OrderedFeature) -> Scope:
    feature = ordered.feature
    if scope := _tool_scope(feature, ordered.tier):
        return scope
    writes_schema = _building_category(ordered) in (SECURITY, SCHEMA)
    return Scope.CODE_AND_SCHEMA if writes_schema else Scope.CODE


def _tool_scope(feature: PlannedFeature, tier: Tier) -> Scope | None:
    """Of what is not code of the application in the first place."""
    if is_standalone(feature) or tier is Tier.OPERATIONS:
        return Scope.SERVICE
    is_tool = tier is Tier.FOUNDATION or feature.category == "testing" or "ci" in feature.tags
    return Scope.TOOLING if is_tool else None


def _tables_kind(ordered: OrderedFeature) -> Hashable | None:
    feature = ordered.feature
    is_alone = feature.complexity is Complexity.HIGH or feature.decision is FeatureDecision.OPEN
    return None if is_alone else (feature.category, feature.strength)


def _building_kind(ordered: OrderedFeature) -> Hashable | None:
    """Features of the same kind may share a phase; None: has one of its own."""
    feature = ordered.feature
    is_small = (
        feature.complexity is Complexity.LOW
        and feature.source is None
        and feature.decision is FeatureDecision.BUILD_NEW
        and not is_standalone(feature)
    )
    if not is_small:
        return None
    scope = _new_scope(ordered)
    return (ordered.tier, feature.category, feature.strength, _building_category(ordered), scope)


def _group(
    ordered: Sequence[OrderedFeature], most: int, kind_of: Callable[[OrderedFeature], Hashable | None]
) -> list[list[OrderedFeature]]:
    """Features of one kind together, where the first of them stands; never before what one of them needs."""
    groups: list[list[OrderedFeature]] = []
    open_groups: dict[Hashable, int] = {}
    places: dict[str, int] = {}
    for each in ordered:
        kind = kind_of(each)
        place = open_groups.get(kind, -1) if kind is not None else -1
        earliest = max((places[key] for key in each.requires if key in places), default=0)
        if place < earliest or len(groups[place]) >= most:
            place = len(groups)
            groups.append([])
            if kind is not None:
                open_groups[kind] = place
        groups[place].append(each)
        places[each.feature.key] = place
    return groups


def _unique_but(handle: str, needs: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in needs if each and each != handle))
