"""Small catalogs and requests for the tests of planning, made by hand or by Hypothesis."""

from decimal import Decimal

from hypothesis import strategies as st

from catalog_app.briefing.types import Pin, Veto, Wish
from catalog_app.choices import LicenseDecision, LookupBand, PlanMode, SourceStatus, Strength
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import (
    FeatureFacts,
    Match,
    Resolution,
    ReuseRecord,
    Snapshot,
    SourceFacts,
    StackFacts,
)

COMMIT = "c0ffee" * 6 + "c0ff"


def source(repo_id: str = "repo", /, **facts: object) -> SourceFacts:
    """One that a plan without anybody in the loop may use, but for what is said otherwise."""
    known: dict[str, object] = {
        "repo_url": f"https://example.org/{repo_id}",
        "paths": (),
        "license": "MIT",
        "decision": LicenseDecision.ALLOWED,
        "decision_reason": "MIT is permissive",
        "status": SourceStatus.VERIFIED,
        "pinned_commit": COMMIT,
        "is_whitelisted": True,
        "quality": Decimal("0.80"),
    }
    # The facts are checked by the dataclass's users, not by their names here.
    return SourceFacts(repo_id=repo_id, **(known | facts))  # type: ignore[arg-type]


def declared(repo_id: str = "repo", /, **facts: object) -> SourceFacts:
    """One that nobody has verified."""
    known: dict[str, object] = {
        "status": SourceStatus.DECLARED,
        "pinned_commit": "",
        "is_whitelisted": False,
        "quality": None,
    }
    return source(repo_id, **(known | facts))


def feature(slug: str, *sources: SourceFacts, **facts: object) -> FeatureFacts:
    known: dict[str, object] = {"title": slug.replace("-", " ").capitalize()}
    return FeatureFacts(slug=slug, sources=sources, **(known | facts))  # type: ignore[arg-type]


def snapshot(*features: FeatureFacts, **facts: object) -> Snapshot:
    known: dict[str, object] = {
        "catalog": "main",
        "catalog_digest": "cd",
        "policy": "default",
        "policy_digest": "pd",
        "stacks": (),
        "known_slugs": frozenset(each.slug for each in features),
    }
    return Snapshot(
        features={each.slug: each for each in features},
        **(known | facts),  # type: ignore[arg-type]
    )


def wishes(*slugs: str) -> tuple[Wish, ...]:
    """Wishes for features by name; the key is the slug."""
    return tuple(Wish(slug, f"Please, {slug}", slug=slug) for slug in slugs)


def choose(*slugs: str) -> Resolution:
    matches = tuple(Match(slug, slug.upper(), 0.5) for slug in slugs)
    return Resolution(LookupBand.CHOOSE, matches, "Several fit.")


def match(slug: str, confidence: float = 0.9) -> Resolution:
    return Resolution(LookupBand.MATCH, (Match(slug, slug.upper(), confidence),), "Its title says so.")


SLUGS = ("a", "b", "c", "d", "e")
REPOS = ("r1", "r2", "r3")
STACKS = ("s1", "s2")
PATHS = st.sampled_from([(), ("src",), ("src", "lib")])

_ANY_SOURCES = st.builds(
    SourceFacts,
    repo_id=st.sampled_from(REPOS),
    repo_url=st.just("https://example.org/x"),
    paths=PATHS,
    license=st.sampled_from(["MIT", "GPL-3.0-only", ""]),
    decision=st.sampled_from(LicenseDecision),
    decision_reason=st.sampled_from(["because", ""]),
    status=st.sampled_from(SourceStatus),
    pinned_commit=st.sampled_from(["", COMMIT]),
    is_whitelisted=st.booleans(),
    quality=st.sampled_from([None, Decimal("0.1"), Decimal("0.9")]),
    judgement=st.sampled_from([None, Decimal("0.5")]),
    compatible_stacks=st.sampled_from([(), ("s1",), ("s2",), ("s3",)]),
    position=st.integers(0, 3),
)

_FLAWS: tuple[dict[str, object], ...] = (
    {},
    {"decision": LicenseDecision.DENIED},
    {"decision": LicenseDecision.REVIEW},
    {"is_whitelisted": False},
    {"pinned_commit": ""},
    {"compatible_stacks": ("s3",)},
    {"quality": Decimal("0.1")},
    *(dict[str, object](status=status) for status in SourceStatus),
)
_NEARLY_USABLE = st.builds(
    lambda repo_id, paths, flaw: source(repo_id, paths=paths, **flaw),
    st.sampled_from(REPOS),
    PATHS,
    st.sampled_from(_FLAWS),
)
SOURCES = _ANY_SOURCES | _NEARLY_USABLE
"""Half of them with one flaw at most: where everything is wrong at once, no single rule is tried."""

_SOME_SLUGS = st.lists(st.sampled_from([*SLUGS, "gone"]), max_size=2).map(tuple)


def _features(slug: str) -> st.SearchStrategy[FeatureFacts]:
    return st.builds(
        FeatureFacts,
        slug=st.just(slug),
        title=st.just(f"Feature {slug}"),
        requires=_SOME_SLUGS,
        conflicts=_SOME_SLUGS,
        compatible_stacks=st.sampled_from([(), ("s1",)]),
        sources=st.lists(SOURCES, max_size=3, unique_by=lambda each: (each.repo_id, each.paths)).map(tuple),
    )


_STACK_FACTS = (
    StackFacts(
        "s1", "Stack one", project_types=("web_app", "saas"), slots={"backend": "django", "db": "postgres"}
    ),
    StackFacts(
        "s2", "Stack two", project_types=("web_app", "rag_app"), slots={"backend": "go", "db": "mysql"}
    ),
)

SNAPSHOTS = st.builds(
    lambda features, stacks, minimum, outcomes: snapshot(
        *features, stacks=stacks, minimum_quality=minimum, outcomes=outcomes
    ),
    st.lists(st.sampled_from(SLUGS), unique=True).flatmap(
        lambda slugs: st.tuples(*(_features(slug) for slug in slugs))
    ),
    st.sampled_from([(), _STACK_FACTS[:1], _STACK_FACTS]),
    st.sampled_from([Decimal(0), Decimal("0.4")]),
    st.dictionaries(
        st.tuples(st.sampled_from(SLUGS), st.sampled_from(REPOS), PATHS),
        st.sampled_from([ReuseRecord(0, 0), ReuseRecord(4, 1)]),
        max_size=2,
    ),
)

_QUOTES = st.sampled_from(["log in", "teams", "Feature a", "billing", "{{x}}", "   "])
_ANY_SLUG = st.sampled_from([*SLUGS, "", "", "gone"])

WISHES = st.lists(
    st.builds(
        Wish,
        key=st.integers(0, 99).map("w{}".format),
        quote=_QUOTES,
        slug=_ANY_SLUG,
        strength=st.sampled_from(Strength),
        build_new=st.booleans(),
        pin=st.one_of(
            st.none(), st.builds(Pin, st.sampled_from([*REPOS, "r9"]), st.one_of(st.none(), PATHS))
        ),
    ),
    max_size=6,
    unique_by=lambda wish: wish.key,
).map(tuple)

REQUESTS = st.builds(
    PlanRequest,
    title=st.sampled_from(["", "A RAG app", "SaaS with retrieval"]),
    project_type=st.sampled_from(["", "", "web_app", "Web app", "web_ap", "nothing like it"]),
    mode=st.sampled_from(PlanMode),
    wishes=WISHES,
    vetoes=st.lists(
        st.builds(Veto, st.integers(0, 99).map("v{}".format), _QUOTES, slug=_ANY_SLUG),
        max_size=3,
        unique_by=lambda veto: veto.key,
    ).map(tuple),
    constraints=st.lists(
        st.sampled_from(["use Postgres", "no Go, no Django", "we know Django"]), max_size=2
    ).map(tuple),
    stack=st.sampled_from(["", "", "s1", "s3"]),
    slots=st.dictionaries(
        st.sampled_from(["db", "cache"]), st.sampled_from(["mysql", "mysq", "redis"]), max_size=2
    ),
)

_RESOLUTIONS = st.builds(
    lambda band, slugs: Resolution(band, tuple(Match(slug, slug.upper(), 0.5) for slug in slugs)),
    st.sampled_from(LookupBand),
    st.lists(st.sampled_from([*SLUGS, "gone"]), unique=True),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[PlanRequest, Snapshot, dict[str, Resolution]]:
    """A request, a catalog, and what lookup says of some of what names no feature."""
    request, catalog = draw(REQUESTS), draw(SNAPSHOTS)
    unnamed = [wish.key for wish in request.wishes if not wish.slug]
    unnamed += [veto.key for veto in request.vetoes if not veto.slug]
    resolutions = {key: draw(_RESOLUTIONS) for key in unnamed if draw(st.booleans())}
    return request, catalog, resolutions
