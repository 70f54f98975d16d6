"""What the tests of the catalog share."""

import pytest

from autopack.actors import Actor, ActorKind, Role


@pytest.fixture
def curator() -> Actor:
    return Actor(ActorKind.USER, "user:7", "ada", frozenset({Role.CURATOR}))
