"""The first account, without which nobody could make another."""

import secrets

from django.contrib.auth import get_user_model
from django.db import transaction

NAME = "admin"


@transaction.atomic
def create_first_admin(*, password: str) -> str | None:
    """Make the superuser `admin`, unless there is any account.

    With an empty `password` one is generated and returned, for once; it is stored only as a hash.
    """
    users = get_user_model()._default_manager
    if users.exists():
        return None
    generated = "" if password else secrets.token_urlsafe(12)
    get_user_model().objects.create_superuser(NAME, "", password or generated)
    return generated or None
