"""docs/deploy.md explains every setting and every error, and names no command that is not there."""

import re

import pytest
from django.core.management import get_commands

from autopack.git.errors import GitUnavailable
from runs_app.gitops.errors import RepositoryUnusable
from tests.support.containers import ROOT, interpolations


@pytest.fixture
def page() -> str:
    return (ROOT / "docs" / "deploy.md").read_text()


def test_every_variable_of_compose_is_explained(page: str) -> None:
    variables = interpolations((ROOT / "compose.yaml").read_text())
    assert variables
    assert not [name for name in variables if f"`{name}`" not in page]


def test_every_reason_why_a_repository_cannot_be_used_is_explained(page: str) -> None:
    _, _, listed = (RepositoryUnusable.__doc__ or "").partition("one of:")
    codes = re.findall(r"\w+", listed)
    assert "not_writable" in codes
    rows = re.findall(r"^\| `(\w+)` \| ", page, flags=re.MULTILINE)
    assert set(rows) >= {*codes, "no_default_branch", GitUnavailable.code}


def test_every_command_it_names_is_there(page: str) -> None:
    commands = set(re.findall(r"manage\.py (\w+)", page))
    assert {"sync_projects", "create_key", "check_repositories"} <= commands <= set(get_commands())


def test_its_links_lead_somewhere(page: str) -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", page)) <= headings
