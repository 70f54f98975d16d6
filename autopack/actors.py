"""Who asks: an API key, a person, or Autopack itself. Services take an `Actor`, never a request."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """v7 §2 and DESIGN §7. Any role reads."""

    READER = "reader"
    PLANNER = "planner"
    OPERATOR = "operator"
    BUILDER = "builder"
    AUDITOR = "auditor"
    VERIFIER = "verifier"
    CURATOR = "curator"


PLANNERS = (Role.PLANNER, Role.OPERATOR)
"""Who makes plans, keeps templates and starts runs."""


class ActorKind(StrEnum):
    KEY = "key"
    USER = "user"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """`identity` is stable and unique (`key:3f2a91bc`, `user:7`, `system:sweeper`); `name` is for people.

    `project_ids` is None for an actor that sees every project.
    """

    kind: ActorKind
    identity: str
    name: str
    roles: frozenset[Role]
    project_ids: frozenset[str] | None = None

    def has_role(self, *wanted: Role) -> bool:
        return any(role in self.roles for role in wanted)

    def may_see(self, project_id: str) -> bool:
        return self.project_ids is None or project_id in self.project_ids


def system_actor(name: str) -> Actor:
    """Autopack itself, for tasks and sweepers: every role, every project."""
    return Actor(ActorKind.SYSTEM, f"system:{name}", name, frozenset(Role))
