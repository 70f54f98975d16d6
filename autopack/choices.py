"""Kinds and states of projects and keys, without Django so that pure code can use them.

Each member has a `label`, `words` for pages, an `icon` and a badge `colour` (names of Tabler).
"""

from collections.abc import Sequence
from enum import StrEnum


class Choice(StrEnum):
    """A stored value and how people see it. Apps override what their members need otherwise."""

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()

    @property
    def colour(self) -> str:
        return _COLOURS.get(self.value, "secondary")

    @property
    def icon(self) -> str:
        """A Tabler icon name."""
        return _ICONS.get(self.value, "circle-dotted")

    @property
    def words(self) -> str:
        """On a page, where the label says too little to somebody who does not know the model."""
        return self.label

    @property
    def words_inside(self) -> str:
        """For the middle of a sentence: `CI running` keeps its capitals."""
        return self.words if self.words[1:2].isupper() else self.words[:1].lower() + self.words[1:]

    @classmethod
    def pairs(cls) -> Sequence[tuple[str, str]]:
        """What a Django field takes as `choices`."""
        return [(member.value, member.label) for member in cls]


_COLOURS = {
    "usable": "green",
    "unusable": "red",
    "safety_critical": "orange",
    "active": "green",
    "expired": "orange",
    "revoked": "red",
}

_ICONS = {
    "usable": "circle-check",
    "unusable": "circle-x",
}


class SafetyProfile(Choice):
    """v7 §7: `safety_critical` fails a run that leaves major issues behind."""

    NORMAL = "normal"
    SAFETY_CRITICAL = "safety_critical"


class RunScope(Choice):
    """v7 §4: whether the tiers of a plan follow each other within one run."""

    MULTI_TIER = "multi_tier"
    SINGLE_TIER = "single_tier"


class CiKind(Choice):
    """Who tests a candidate: Autopack's own worker, a verifier that reports by REST, or nobody."""

    LOCAL = "local"
    EXTERNAL = "external"
    NONE = "none"


class ProjectSource(Choice):
    """Who owns a project's row: autopack.yaml, the admin, or `manage.py replay`."""

    FILE = "file"
    ADMIN = "admin"
    REPLAY = "replay"


class RepositoryStatus(Choice):
    """What the last look at a project's repository found."""

    UNKNOWN = "unknown"
    USABLE = "usable"
    UNUSABLE = "unusable"


class KeyState(Choice):
    """Computed from an API key's times, never stored."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


PROJECT_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"

DEFAULT_PROTECTED_PATHS = (
    "/.github/workflows/",
    "/.github/actions/",
    "/.gitlab-ci.yml",
    "/.gitlab/ci/",
    "/.circleci/",
    "/.ci/",
    "/.buildkite/",
    "/.drone.yml",
    "/.woodpecker/",
    "/.woodpecker.yml",
    "/.forgejo/workflows/",
    "/.gitea/workflows/",
    "/.travis.yml",
    "/.teamcity/",
    "/appveyor.yml",
    "/.appveyor.yml",
    "/azure-pipelines.yml",
    "/.azure-pipelines/",
    "/bitbucket-pipelines.yml",
    "/.jenkins/",
    "Jenkinsfile",
    "/autopack.yaml",
)
"""DESIGN §5: what decides over CI, as gitignore-style patterns. Only Jenkins may be told to read its file in
any folder."""
