"""Projects, keys and people for the tests of this folder."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from autopack.actors import Actor, Role, system_actor
from autopack.models import Project
from autopack.services.keys import CreatedKey, create_key

MakeKey = Callable[..., CreatedKey]
MakeProject = Callable[..., Project]
MakeUser = Callable[..., User]


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def make_project(db: None) -> MakeProject:
    def make(project_id: str, **values: object) -> Project:
        return Project.objects.create(
            **{"project_id": project_id, "name": project_id, "repo_path": f"/srv/{project_id}", **values}
        )

    return make


@pytest.fixture
def make_key(db: None, actor: Actor) -> MakeKey:
    def make(
        *roles: Role, projects: tuple[Project, ...] = (), expires_at: datetime | None = None
    ) -> CreatedKey:
        wanted = roles or (Role.READER,)
        return create_key("Cursor", roles=wanted, projects=projects, expires_at=expires_at, actor=actor)

    return make


@pytest.fixture
def make_user(db: None) -> MakeUser:
    def make(username: str, *roles: Role, **values: Any) -> User:
        user = User.objects.create_user(username, password="a long password", **values)
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make
