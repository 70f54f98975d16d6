"""People who open the admin."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from autopack.actors import Role

SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """A client for somebody new with these roles, by default of the staff."""

    def make(username: str, *roles: Role, is_staff: bool = True, is_superuser: bool = False) -> Client:
        user = User.objects.create_user(
            username, password="a long password", is_staff=is_staff, is_superuser=is_superuser
        )
        user.groups.set(Group.objects.filter(name__in=roles))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def ada(sign_in: SignIn) -> Client:
    """A curator."""
    return sign_in("ada", Role.CURATOR)


@pytest.fixture
def bob(sign_in: SignIn) -> Client:
    """Staff who does not curate."""
    return sign_in("bob", Role.OPERATOR)
