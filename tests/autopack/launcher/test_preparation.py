"""What is said when the database cannot be prepared."""

from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from autopack.launcher import preparation


@pytest.mark.parametrize("arguments", [[], ["--wait"]])
def test_a_server_that_does_not_answer_is_named_and_its_password_is_not(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OperationalError("connection refused")

    settings = {"NAME": "shop", "HOST": "db.example.org", "PORT": "", "USER": "autopack", "PASSWORD": "hush"}
    connection = SimpleNamespace(ensure_connection=refuse, settings_dict=settings)
    monkeypatch.setattr(preparation, "connection", connection)
    monkeypatch.setattr(preparation, "_PATIENCE_SECONDS", 0)
    with pytest.raises(CommandError) as caught:
        call_command("prepare", *arguments)
    assert str(caught.value) == (
        "The database shop at db.example.org:5432 does not answer: connection refused"
    )
