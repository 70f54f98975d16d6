"""The order in which an application is built, and what categories of features mean for it. Pure.

Categories are the starter catalog's; a feature of another category, or of none, is a core feature.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from catalog_app.choices import Complexity
from catalog_app.planning.types import PlannedFeature


class Tier(IntEnum):
    """In the order of building."""

    FOUNDATION = 0
    DATA = 1
    ACCOUNTS = 2
    CORE = 3
    INTEGRATIONS = 4
    INTERFACE = 5
    OPERATIONS = 6
    QUALITY = 7

    @property
    def tier_id(self) -> str:
        return self.name.lower()

    @property
    def title(self) -> str:
        return _WORDS[self][0]

    @property
    def description(self) -> str:
        return _WORDS[self][1]


_WORDS = {
    Tier.FOUNDATION: (
        "Foundation",
        "A project that starts, is configured and checks itself, before it does anything.",
    ),
    Tier.DATA: (
        "Data",
        "Tables and the ways to change them, reviewed together while nothing depends on them yet.",
    ),
    Tier.ACCOUNTS: (
        "Accounts and security",
        "Who may do what. Everything after it can rely on it.",
    ),
    Tier.CORE: ("Core features", "What people come for."),
    Tier.INTEGRATIONS: (
        "Integrations and AI",
        "Services and models outside of the application, each behind an interface that tests can replace.",
    ),
    Tier.INTERFACE: ("Interface", "What makes the whole pleasant to use, once it works."),
    Tier.OPERATIONS: ("Operations", "Seeing, measuring and running the application in production."),
    Tier.QUALITY: (
        "Quality",
        "The whole application is tried, hardened and described as its users will meet it.",
    ),
}

CATEGORY_TIERS = {
    "developer-tools": Tier.CORE,
    "databases": Tier.DATA,
    "distributed-systems": Tier.DATA,
    "auth": Tier.ACCOUNTS,
    "accounts": Tier.ACCOUNTS,
    "security": Tier.ACCOUNTS,
    "api": Tier.CORE,
    "jobs-workflows": Tier.CORE,
    "files-documents": Tier.CORE,
    "admin-tools": Tier.CORE,
    "business-apps": Tier.CORE,
    "commerce": Tier.CORE,
    "content": Tier.CORE,
    "community": Tier.CORE,
    "media": Tier.CORE,
    "search": Tier.CORE,
    "realtime": Tier.CORE,
    "personal-apps": Tier.CORE,
    "payments": Tier.INTEGRATIONS,
    "messaging": Tier.INTEGRATIONS,
    "ai-llm": Tier.INTEGRATIONS,
    "machine-learning": Tier.INTEGRATIONS,
    "data-engineering": Tier.INTEGRATIONS,
    "web-automation": Tier.INTEGRATIONS,
    "localization-geo": Tier.INTERFACE,
    "frontend": Tier.INTERFACE,
    "operations": Tier.OPERATIONS,
    "analytics": Tier.OPERATIONS,
    "testing": Tier.QUALITY,
}
"""Within a tier, categories follow each other in this order: what others are written with comes first."""

_RANKS = {category: rank for rank, category in enumerate(CATEGORY_TIERS)}

_WRITTEN_WITH = frozenset(
    {
        "app-configuration",
        "cli-framework",
        "code-formatting-linting",
        "dependency-injection",
        "form-handling",
        "frontend-build",
        "graphql-api",
        "grpc-services",
        "project-scaffolding",
        "rest-api-framework",
        "reusable-ui-components",
        "server-driven-interactivity",
        "structured-logging",
        "template-engine",
        "type-checking",
        "unit-testing",
    }
)
"""Features that all others are written with, whatever their category."""

_ROWS_FROM = {
    "accounts": Complexity.LOW,
    "admin-tools": Complexity.HIGH,
    "ai-llm": Complexity.MEDIUM,
    "analytics": Complexity.MEDIUM,
    "business-apps": Complexity.LOW,
    "commerce": Complexity.LOW,
    "community": Complexity.LOW,
    "content": Complexity.LOW,
    "data-engineering": Complexity.HIGH,
    "developer-tools": Complexity.HIGH,
    "files-documents": Complexity.MEDIUM,
    "frontend": Complexity.HIGH,
    "jobs-workflows": Complexity.MEDIUM,
    "localization-geo": Complexity.HIGH,
    "machine-learning": Complexity.HIGH,
    "media": Complexity.HIGH,
    "messaging": Complexity.MEDIUM,
    "operations": Complexity.HIGH,
    "payments": Complexity.LOW,
    "personal-apps": Complexity.LOW,
    "realtime": Complexity.HIGH,
    "search": Complexity.MEDIUM,
    "security": Complexity.HIGH,
    "web-automation": Complexity.MEDIUM,
    "": Complexity.LOW,
}
"""From which complexity on a new feature of a category needs tables. Rather too many than too few: a phase
that may not write migrations fails where one is needed, and a data model that needs none is a short phase."""

_WITHOUT_ROWS = frozenset(
    {
        "avatar-upload",
        "documentation-site",
        "markdown-rendering",
        "mentions",
        "print-labels",
        "rss-feeds",
        "seo-meta",
        "sitemap",
        "static-site-generator",
    }
)
"""Features that need no tables although others of their category do."""

_SAYS_ROWS = re.compile(r"^(Stores|Saves|Records|Marks rows)\b")
_WEIGHTS = {complexity: weight for weight, complexity in enumerate(Complexity)}

STANDALONE = "standalone-service"
"""Tag of a feature that runs beside an application, not inside it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a feature belongs by itself, before others that need it pull it forward."""

    tier: Tier
    rank: int


def standing(feature: PlannedFeature) -> Standing:
    rank = _RANKS.get(feature.category, len(_RANKS))
    if feature.slug in _WRITTEN_WITH:
        return Standing(Tier.FOUNDATION, rank)
    return Standing(CATEGORY_TIERS.get(feature.category, Tier.CORE), rank)


def has_rows(feature: PlannedFeature) -> bool:
    """Whether building the feature needs tables of its own. Auth does too, and brings them itself."""
    if is_standalone(feature) or feature.category == "auth" or feature.slug in _WITHOUT_ROWS:
        return False
    if _SAYS_ROWS.match(feature.description):
        return True
    least = _ROWS_FROM.get(feature.category)
    return least is not None and _WEIGHTS[feature.complexity] >= _WEIGHTS[least]


def is_about_security(feature: PlannedFeature) -> bool:
    """Whether building it is work for a security review (v7 §6 `security_auth`)."""
    return feature.category in ("auth", "security") and "ci" not in feature.tags


def is_standalone(feature: PlannedFeature) -> bool:
    return STANDALONE in feature.tags
