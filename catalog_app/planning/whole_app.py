"""Phases that are about the application as a whole: its skeleton, its database, trying and describing it.
Pure."""

from collections.abc import Iterator, Sequence
from functools import partial

from autopack.task_categories import DOCS, SCAFFOLDING, SCHEMA, SECURITY, TESTS
from catalog_app.choices import Complexity, FeatureOrigin
from catalog_app.planning.drafts import Contents, Draft, leaves
from catalog_app.planning.layouts import Scope
from catalog_app.planning.phase_texts import Setting, join_conditions, title_of
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.tiers import Tier, standing
from catalog_app.planning.types import PlannedFeature
from catalog_app.planning.wording import listed, one_line

JOURNEYS_IN_ONE = 12
"""Features whose end-to-end tests one phase writes."""

_WALKED = (Tier.ACCOUNTS, Tier.CORE, Tier.INTEGRATIONS, Tier.INTERFACE)
"""Tiers of what people meet on their way through an application."""

_ACCOUNTS = ("auth", "accounts", "payments")
_AT_RISK = (*_ACCOUNTS, "security", "files-documents")


def draft_beginning(
    request: PlanRequest, features: Sequence[PlannedFeature], setting: Setting
) -> list[Draft]:
    """What all features stand on; the last draft of a tier is its ground."""
    skeleton = Draft(
        handle="skeleton",
        label="skeleton",
        tier=Tier.FOUNDATION,
        task_category=SCAFFOLDING,
        complexity=Complexity.MEDIUM,
        builder_mode="scaffolding_heavy",
        write=partial(_write_skeleton, request, setting),
    )
    db = setting.slot("db")
    if not db or db == "none":
        return [skeleton]
    has_accounts = any(feature.category in _ACCOUNTS for feature in features)
    database = Draft(
        handle="database",
        label="database",
        tier=Tier.DATA,
        task_category=SCHEMA,
        complexity=Complexity.HIGH,
        builder_mode="schema_heavy",
        write=partial(_write_database, db, setting, has_accounts=has_accounts),
        needs=("skeleton",),
    )
    return [skeleton, database]


def draft_end(features: Sequence[PlannedFeature], drafts: Sequence[Draft], setting: Setting) -> list[Draft]:
    """The whole application tried, hardened, described. `drafts` are all the others."""
    end = list(_draft_journeys(features, drafts, setting))
    if any(feature.category in _AT_RISK for feature in features):
        end.append(
            Draft(
                handle="security pass",
                label="security-pass",
                tier=Tier.QUALITY,
                task_category=SECURITY,
                complexity=Complexity.HIGH,
                builder_mode="refactor_heavy",
                write=partial(_write_security_pass, setting),
                needs=leaves((*drafts, *end)),
            )
        )
    has_reuse = any(feature.source for feature in features)
    end.append(
        Draft(
            handle="docs",
            label="docs",
            tier=Tier.QUALITY,
            task_category=DOCS,
            complexity=Complexity.LOW,
            builder_mode="tweak_light",
            write=partial(_write_docs, setting, has_reuse=has_reuse),
            needs=leaves((*drafts, *end)),
        )
    )
    return end


def _draft_journeys(
    features: Sequence[PlannedFeature], drafts: Sequence[Draft], setting: Setting
) -> Iterator[Draft]:
    tools = [draft.handle for draft in drafts if draft.tier is Tier.QUALITY]
    built = {key: draft.handle for draft in drafts for key in draft.features}
    walked = [each for each in features if _is_walked(each)]
    count = -(-len(walked) // JOURNEYS_IN_ONE)
    for number in range(1, count + 1):
        part = walked[len(walked) * (number - 1) // count : len(walked) * number // count]
        yield Draft(
            handle=f"journeys {number}",
            label="end-to-end" if number == 1 else f"end-to-end-{number}",
            tier=Tier.QUALITY,
            task_category=TESTS,
            complexity=Complexity.MEDIUM,
            builder_mode="scaffolding_heavy",
            write=partial(_write_journeys, number, part, setting),
            needs=tuple(dict.fromkeys([*tools, *(built[each.key] for each in part)])),
            features=tuple(each.key for each in part),
        )


def _is_walked(feature: PlannedFeature) -> bool:
    """Whether people meet the feature on their way, rather than through another one that needs it."""
    return standing(feature).tier in _WALKED and feature.origin is not FeatureOrigin.REQUIRED


def _write_skeleton(request: PlanRequest, setting: Setting) -> Contents:
    return Contents(
        name="Set up the project",
        description=_describe_skeleton(request, setting),
        acceptance_criteria=_SKELETON_CRITERIA,
        allowed_paths=setting.layout.allowed_paths(Scope.SKELETON),
    )


def _describe_skeleton(request: PlanRequest, setting: Setting) -> str:
    summary = one_line(request.summary, 1000)
    slots = f" ({setting.all_slots})" if setting.all_slots else ""
    parts = [
        f"Set up {setting.app} on {setting.stack_name}{slots}: an application that starts, answers one "
        "page and one health check, reads its settings from the environment and logs in a form that "
        "machines read.",
        f"What it will be: {summary}" if summary else "",
        f"Conditions for all of it: {join_conditions(request.constraints)}" if request.constraints else "",
        "One command sets a development environment up, and one runs formatting, linting, type checks and "
        "tests; CI calls that one, so that no later phase has to change CI. Features get a folder each, "
        f"as in `{setting.layout.module.format(name='feature')}`; add nothing for features that are not "
        "here yet.",
    ]
    return "\n\n".join(part for part in parts if part)


_SKELETON_CRITERIA = (
    "A fresh clone is set up by one documented command and runs.",
    "One command runs formatting, linting, type checks and tests, and all of them pass.",
    "The health check says whether the services that it needs are reachable.",
    "A missing or malformed setting stops the start with its name; no secret is in the repository.",
)


def _write_database(db: str, setting: Setting, *, has_accounts: bool) -> Contents:
    return Contents(
        name="Connect the database",
        description=_describe_database(db, setting, has_accounts=has_accounts),
        acceptance_criteria=_database_criteria(has_accounts=has_accounts),
        allowed_paths=setting.layout.allowed_paths(Scope.CODE_AND_SCHEMA),
    )


def _describe_database(db: str, setting: Setting, *, has_accounts: bool) -> str:
    users = (
        " The application's own table of users is in the first migration, for later tables to refer to."
        if has_accounts
        else ""
    )
    return (
        f"Connect {setting.app} to {db}: connection and pool settings, migrations, a way to seed a "
        f"development database, and tests that run on the same kind of database as production.{users}"
    )


def _database_criteria(*, has_accounts: bool) -> tuple[str, ...]:
    users = ("The table of users is the application's own, with a unique email address whatever its case.",)
    return (
        "Migrations run on an empty database, and a second time without effect.",
        "The checks fail when models and migrations differ.",
        "Tests run on the same kind of database as production, and leave nothing behind.",
        *(users if has_accounts else ()),
    )


def _write_journeys(number: int, features: Sequence[PlannedFeature], setting: Setting) -> Contents:
    return Contents(
        name="Test end to end" if number == 1 else f"Test end to end, part {number}",
        description=_describe_journeys(features, setting),
        acceptance_criteria=_journey_criteria(features),
        allowed_paths=setting.layout.allowed_paths(Scope.TOOLING),
    )


def _describe_journeys(features: Sequence[PlannedFeature], setting: Setting) -> str:
    titles = listed([title_of(each) for each in features], most=JOURNEYS_IN_ONE)
    return (
        f"Try {setting.app} from outside as its users do, in a real browser or client, for {titles}: the "
        "way that works, and the refusal that matters most. Where features meet, one journey passes "
        "through both. Repair nothing here beyond what a test shows to be broken by a line or two; report "
        "the rest as issues."
    )


def _journey_criteria(features: Sequence[PlannedFeature]) -> tuple[str, ...]:
    titles = listed([title_of(each) for each in features], most=JOURNEYS_IN_ONE)
    return (
        f"There is a journey and a refusal for each of: {titles}.",
        "The tests start from an empty database, do not depend on their order, and wait for conditions, "
        "not time.",
        "Outside services are replaced by fakes at the network's edge.",
        "A failure leaves a screenshot or the answer that was got.",
    )


def _write_security_pass(setting: Setting) -> Contents:
    return Contents(
        name="Harden the whole application",
        description=_describe_security_pass(setting),
        acceptance_criteria=_SECURITY_CRITERIA,
        allowed_paths=setting.layout.allowed_paths(Scope.CODE),
    )


def _describe_security_pass(setting: Setting) -> str:
    return (
        f"Go through {setting.app} as somebody who wants to misuse it: every entry without a session, with "
        "somebody else's, with too much, with markup and with paths. Set the response headers, limits and "
        "cookie flags, look through dependencies for known holes and through logs for secrets. Each "
        "finding becomes a test that fails, then a repair."
    )


_SECURITY_CRITERIA = (
    "A list of all entries is made from the code; each is public on purpose, or refuses without a session.",
    "For every kind of record a test shows that nobody gets at those of others by changing an identifier.",
    "Response headers and cookie flags are as the checks of the framework for deployment ask.",
    "The scan of dependencies finds no known hole of high severity, or says why one does not matter.",
)


def _write_docs(setting: Setting, *, has_reuse: bool) -> Contents:
    return Contents(
        name="Document the application",
        description=_describe_docs(setting, has_reuse=has_reuse),
        acceptance_criteria=_docs_criteria(has_reuse=has_reuse),
        allowed_paths=setting.layout.allowed_paths(Scope.DOCS),
    )


def _describe_docs(setting: Setting, *, has_reuse: bool) -> str:
    notices = (
        " Check that the notices of third parties name everything that was taken over." if has_reuse else ""
    )
    return (
        f"Write down how {setting.app} is set up, configured, run in production, backed up and updated, "
        "and what each feature does for the people who use it. Every command in it has been run as it "
        f"stands there.{notices}"
    )


def _docs_criteria(*, has_reuse: bool) -> tuple[str, ...]:
    notices = ("Everything that was taken over has its entry in the notices of third parties.",)
    return (
        "Somebody new gets from a clone to a running application by following the text alone.",
        "Every setting is listed with its meaning, default and whether it is a secret.",
        "Each feature has a section in the words of those who use it.",
        *(notices if has_reuse else ()),
    )
