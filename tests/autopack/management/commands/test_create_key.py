"""`manage.py create_key`: one key on stdout, or one line on stderr."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from autopack.actors import Role
from autopack.models import ApiKey, Project
from autopack.services.keys import authenticate_key

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "say --role; known are reader, planner, operator, builder, auditor, verifier, curator"),
        (["--role", "king"], "unknown role king; known are reader,"),
        (["--role", "reader", "--project", "nope"], "unknown project nope; known are bank, shop"),
        (["--role", "reader", "--expires-days", "0"], "--expires-days must be a whole number from 1"),
        (["--role", "reader", "--expires-days", "soon"], "--expires-days must be a whole number from 1"),
        (["--role", "reader", "--expires-days", "-1"], "--expires-days must be a whole number from 1"),
        (["--role", "reader", "--expires-days", "9999999"], "--expires-days must be a whole number from 1"),
        (["--role", "reader", "--name", " "], "A key needs a name."),
    ],
)
def test_a_refusal_is_one_line_and_makes_no_key(
    arguments: list[str],
    message: str,
    make_project: Callable[..., Project],
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_project("shop")
    make_project("bank")
    with pytest.raises(CommandError) as caught:
        call_command("create_key", *arguments)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""
    assert not ApiKey.objects.exists()


def test_without_projects_the_refusal_says_so() -> None:
    with pytest.raises(CommandError, match="unknown project nope; known are none"):
        call_command("create_key", "--role", "reader", "--project", "nope")


def test_a_database_without_tables_is_said_in_one_line(db: None) -> None:
    with connection.schema_editor() as editor:
        editor.alter_db_table(ApiKey, "autopack_apikey", "elsewhere")
    with pytest.raises(CommandError, match="the database has no tables yet: make run"):
        call_command("create_key", "--role", "reader")


def test_only_the_key_is_printed_and_it_works(
    make_project: Callable[..., Project], capsys: pytest.CaptureFixture[str]
) -> None:
    make_project("shop")
    arguments = ["--role", "builder", "--role", "verifier", "--project", "shop", "--expires-days", "30"]
    call_command("create_key", *arguments, "--name", "Cursor")
    out, err = capsys.readouterr()
    assert out == out.strip() + "\n"
    assert err == ""
    actor = authenticate_key(out.strip())
    assert (actor.name, actor.roles, actor.project_ids) == (
        "Cursor",
        frozenset({Role.BUILDER, Role.VERIFIER}),
        frozenset({"shop"}),
    )
    key = ApiKey.objects.get()
    assert key.expires_at is not None
    assert abs(key.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=1)
    assert key.created_by == "system:create_key"


def test_a_key_needs_only_a_role(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_key", "--role", "reader")
    key = ApiKey.objects.get()
    assert (key.name, key.expires_at, key.projects.count()) == ("reader key", None, 0)
