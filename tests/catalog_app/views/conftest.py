"""Readers of the catalog, and those who curate it."""

import pytest
from django.test import Client

from autopack.actors import Role
from tests.support.pages import CountQueries, SignIn, count_queries, reader, sign_in

__all__ = ["CountQueries", "SignIn", "count_queries", "reader", "sign_in"]


@pytest.fixture
def editor(sign_in: SignIn) -> Client:
    """Somebody with the role curator, at a browser."""
    return sign_in(Role.CURATOR)
