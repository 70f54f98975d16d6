"""The first account."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User

from autopack.services.first_admin import create_first_admin

pytestmark = pytest.mark.django_db


def test_where_there_is_an_account_none_is_made() -> None:
    User.objects.create_user("somebody")
    assert create_first_admin(password="given") is None
    assert User.objects.count() == 1


def test_a_given_password_is_used_and_not_repeated() -> None:
    assert create_first_admin(password="given") is None
    admin = authenticate(username="admin", password="given")
    assert admin is not None
    assert admin.is_superuser


def test_without_one_a_password_is_generated_and_told_once() -> None:
    password = create_first_admin(password="")
    assert password
    assert authenticate(username="admin", password=password)
    assert create_first_admin(password="") is None
