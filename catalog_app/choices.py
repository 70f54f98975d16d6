"""States and kinds of the catalog, without Django so that the pure cores can use them.

Each member has a `label` and a badge `colour` (a Tabler colour name). Groups of states are methods of the
enum that owns them.
"""

from typing import Self

from autopack.choices import Choice


class CatalogChoice(Choice):
    """A stored value of this app, with the label, colour and icon that people see."""

    @property
    def colour(self) -> str:
        return _COLOURS.get(self.value, "secondary")

    @property
    def icon(self) -> str:
        return _ICONS.get(self.value, "circle-dotted")


_COLOURS = {
    "allowed": "green",
    "review": "yellow",
    "denied": "red",
    "verified": "green",
    "mismatch": "red",
    "unknown_license": "red",
    "path_missing": "red",
    "unreachable": "orange",
    "stale": "yellow",
    "own": "blue",
    "low": "teal",
    "medium": "blue",
    "high": "indigo",
    "fetching": "azure",
    "inspecting": "azure",
    "scanning": "azure",
    "done": "green",
    "failed": "red",
    "ready": "blue",
    "accepted": "green",
    "rejected": "red",
    "reuse": "green",
    "build_new": "blue",
    "open": "yellow",
    "chosen": "green",
    "blocked": "yellow",
    "usable": "teal",
    "excluded": "red",
    "must": "blue",
    "match": "green",
    "choose": "yellow",
    "none": "secondary",
    "source_repinned": "blue",
    "source_gone": "red",
    "source_unusable": "red",
    "source_usable": "green",
    "license_changed": "yellow",
    "better_source": "green",
    "feature_gone": "red",
    "feature_changed": "yellow",
    "stack_gone": "red",
    "stack_changed": "yellow",
}

_ICONS = {
    "allowed": "circle-check",
    "review": "gavel",
    "denied": "circle-x",
    "declared": "help-circle",
    "verified": "shield-check",
    "mismatch": "equal-not",
    "unknown_license": "file-unknown",
    "path_missing": "folder-off",
    "unreachable": "cloud-off",
    "stale": "clock-exclamation",
    "queued": "circle-dashed",
    "fetching": "loader-2",
    "inspecting": "loader-2",
    "scanning": "loader-2",
    "done": "circle-check",
    "failed": "circle-x",
    "ready": "inbox",
    "accepted": "circle-check",
    "rejected": "circle-x",
    "cancelled": "player-stop",
    "reuse": "recycle",
    "build_new": "hammer",
    "merged": "arrows-join",
    "vetoed": "ban",
    "open": "help-circle",
    "chosen": "circle-check",
    "blocked": "lock",
    "usable": "circle",
    "excluded": "circle-x",
    "match": "circle-check",
    "choose": "help-circle",
    "none": "circle-x",
    "source_repinned": "pin",
    "source_gone": "unlink",
    "source_unusable": "circle-x",
    "source_usable": "circle-check",
    "license_changed": "license",
    "better_source": "star",
    "feature_gone": "circle-x",
    "feature_changed": "puzzle",
    "stack_gone": "stack-2",
    "stack_changed": "stack-2",
    "planner_changed": "refresh",
}


class LicenseDecision(CatalogChoice):
    """What a policy says of a licence, from the mildest to the strictest."""

    ALLOWED = "allowed"
    REVIEW = "review"
    DENIED = "denied"

    @property
    def label(self) -> str:
        return "Needs review" if self is LicenseDecision.REVIEW else super().label

    @property
    def strictness(self) -> int:
        """0 for allowed, growing. The order of the members; their values are text and sort as text."""
        return list(LicenseDecision).index(self)

    @classmethod
    def strictest(cls, *decisions: Self) -> Self:
        return max(decisions, key=lambda decision: decision.strictness)

    @classmethod
    def mildest(cls, *decisions: Self) -> Self:
        return min(decisions, key=lambda decision: decision.strictness)


class Ownership(CatalogChoice):
    """Whose a repository is. Its licence is not asked of its own owner."""

    OWN = "own"
    THIRD_PARTY = "third_party"


class Use(CatalogChoice):
    """How a plan takes from a source: its files are copied, or it is installed and stays apart."""

    COPY = "copy"
    DEPENDENCY = "dependency"


class Visibility(CatalogChoice):
    PUBLIC = "public"
    PRIVATE = "private"


class Complexity(CatalogChoice):
    """v7 §4."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class CiProfile(CatalogChoice):
    """v7 §10: the profile that a plan on a stack starts from."""

    NORMAL = "normal"
    STRICT = "strict"


class SourceStatus(CatalogChoice):
    """What is known of a source. Only a scan says `verified`; only a verified source is reused unattended."""

    DECLARED = "declared"
    VERIFIED = "verified"
    MISMATCH = "mismatch"
    UNKNOWN_LICENSE = "unknown_license"
    PATH_MISSING = "path_missing"
    UNREACHABLE = "unreachable"
    STALE = "stale"

    @property
    def is_judged_by_evidence(self) -> bool:
        """What a scan has looked at is judged by what it found, even if that is nothing."""
        return self in {
            SourceStatus.VERIFIED,
            SourceStatus.MISMATCH,
            SourceStatus.UNKNOWN_LICENSE,
            SourceStatus.STALE,
        }

    @property
    def label(self) -> str:
        return "Unknown licence" if self is SourceStatus.UNKNOWN_LICENSE else super().label


class ScanState(CatalogChoice):
    """One verification. `done` means that it came to a conclusion, whichever."""

    QUEUED = "queued"
    FETCHING = "fetching"
    INSPECTING = "inspecting"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @classmethod
    def live(cls) -> "tuple[ScanState, ...]":
        return (cls.QUEUED, cls.FETCHING, cls.INSPECTING)

    @property
    def is_live(self) -> bool:
        return self in ScanState.live()


class LookupBand(CatalogChoice):
    """What a lookup concludes: one feature is it, some could be it, or the catalog has nothing for it."""

    MATCH = "match"
    CHOOSE = "choose"
    NONE = "none"


class CurationOrigin(CatalogChoice):
    """Where the repositories of a curation run come from."""

    LIST = "list"
    SEARCH = "search"


class CurationState(CatalogChoice):
    SCANNING = "scanning"
    READY = "ready"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CandidateState(CatalogChoice):
    """`ready` waits for a curator. Nothing that is not `accepted` is part of the catalog."""

    QUEUED = "queued"
    SCANNING = "scanning"
    READY = "ready"
    FAILED = "failed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @classmethod
    def live(cls) -> "tuple[CandidateState, ...]":
        return (cls.QUEUED, cls.SCANNING)

    @classmethod
    def decidable(cls) -> "tuple[CandidateState, ...]":
        """What a curator may still accept or reject."""
        return (cls.READY, cls.FAILED)


class Strength(CatalogChoice):
    """How much somebody wants a feature. What only should be there is planned after what must be."""

    MUST = "must"
    SHOULD = "should"


class PlanMode(CatalogChoice):
    """What a plan may reuse: what nobody needs to look at, or also what has still to be verified."""

    ZERO_INTERVENTION = "zero_intervention"
    DRAFT = "draft"


class FeatureDecision(CatalogChoice):
    """What a plan does about a requested feature. Each requested feature has exactly one.

    `merged`: another request means the same feature, which is planned there. `open`: a question about it has
    no answer yet; what is planned is provisional.
    """

    REUSE = "reuse"
    BUILD_NEW = "build_new"
    MERGED = "merged"
    VETOED = "vetoed"
    OPEN = "open"

    @classmethod
    def planned(cls) -> "tuple[FeatureDecision, ...]":
        """Decisions that make phases."""
        return (cls.REUSE, cls.BUILD_NEW, cls.OPEN)


class FeatureOrigin(CatalogChoice):
    """How a plan came to a feature of the catalog, or to none (`unmatched`)."""

    NAMED = "named"
    MATCHED = "matched"
    ANSWERED = "answered"
    REQUIRED = "required"
    UNMATCHED = "unmatched"


class SourceVerdict(CatalogChoice):
    """What a plan makes of one source of a feature.

    `blocked` only in drafts: it is planned, and must be verified before the run may start. `usable` would do
    as well as the one that was chosen, `excluded` may not be used.
    """

    CHOSEN = "chosen"
    BLOCKED = "blocked"
    USABLE = "usable"
    EXCLUDED = "excluded"


class QuestionKind(CatalogChoice):
    """What a plan has to ask. The caller answers with the id of an option."""

    WHICH_FEATURE = "which_feature"
    VETO_AGAINST_NEED = "veto_against_need"
    CONFLICT = "conflict"
    PIN_AGAINST_POLICY = "pin_against_policy"
    PROJECT_TYPE = "project_type"
    STACK = "stack"


class TemplateOrigin(CatalogChoice):
    """What a template was made from."""

    PLAN = "plan"
    RUN = "run"
    YAML = "yaml"

    @property
    def label(self) -> str:
        return "YAML" if self is TemplateOrigin.YAML else super().label


class ParameterType(CatalogChoice):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"


class DriftKind(CatalogChoice):
    """What a catalog says otherwise than when a plan was made from it."""

    SOURCE_REPINNED = "source_repinned"
    SOURCE_GONE = "source_gone"
    SOURCE_UNUSABLE = "source_unusable"
    SOURCE_USABLE = "source_usable"
    LICENSE_CHANGED = "license_changed"
    BETTER_SOURCE = "better_source"
    FEATURE_GONE = "feature_gone"
    FEATURE_CHANGED = "feature_changed"
    STACK_GONE = "stack_gone"
    STACK_CHANGED = "stack_changed"
    PLANNER_CHANGED = "planner_changed"

    @property
    def label(self) -> str:
        return "Licence changed" if self is DriftKind.LICENSE_CHANGED else super().label
