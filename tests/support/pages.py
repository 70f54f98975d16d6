"""Fixtures of tests that open pages: people who are signed in, and the number of queries of a page.

A conftest takes them by importing them.
"""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from autopack.actors import Role

SignIn = Callable[..., Client]
CountQueries = Callable[[Client, str], int]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    def make(*roles: Role) -> Client:
        user = User.objects.create_user("-".join(roles) or "nobody", password="a long password")
        # Made here as well: a test that commits empties all tables, also of what migrations put there.
        user.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def reader(sign_in: SignIn) -> Client:
    return sign_in(Role.READER)


@pytest.fixture
def operator(sign_in: SignIn) -> Client:
    return sign_in(Role.OPERATOR)


@pytest.fixture
def count_queries() -> CountQueries:
    def count(client: Client, path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path)
        assert response.status_code == 200
        return len(queries)

    return count
