"""`manage.py import_catalog`."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from catalog_app.models import Feature, FeatureCatalog
from tests.support.catalog_yaml import MISSION_FEATURES, MISSION_STACKS

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "features.yaml").write_text(MISSION_FEATURES)
    (tmp_path / "stacks.yaml").write_text(MISSION_STACKS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_problem_is_a_line_on_stderr_and_the_exit_code_is_1(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.yaml").write_text(
        "features:\n  a: {requires: [b], repos: [{id: r}]}\n  b: {title: 3}\n  'c d': {}\n"
    )
    for more in ([], ["--dry-run"]):
        with pytest.raises(SystemExit) as caught:
            call_command("import_catalog", "broken.yaml", *more)
        assert caught.value.code == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines() == [
            "broken.yaml:2:30: warning: features.a.repos[0].license: no licence is named",
            "broken.yaml:2:30: warning: features.a.repos[0].repo_url: nothing says where r is",
            "broken.yaml:3:7: error: features.b.title: must be a text, not a number; suggestion: '3'",
            "broken.yaml:4:3: error: features.c d: 'c d' is no name: use 1 to 100 letters, digits, dots, "
            "underscores and hyphens, with a letter or digit first; suggestion: c-d",
            "There are 2 problems in broken.yaml; nothing was changed.",
        ]
    assert not FeatureCatalog.objects.exists()


def test_a_file_that_is_not_there_and_a_catalog_that_cannot_be_named_so_are_refused(folder: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.yaml: cannot be read: No such file"):
        call_command("import_catalog", "nowhere.yaml")
    with pytest.raises(CommandError, match="'a b' is no name of a catalog"):
        call_command("import_catalog", "features.yaml", "--catalog", "a b")


def test_what_happened_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_catalog", "features.yaml", "stacks.yaml", "--reason", "First day")
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        "Catalog main: 8 added; 6 warnings.",
        "Added:",
        "  feature auth_basic",
        "  feature autonomous_build_orchestrator",
        "  source auth_basic: autopack_auth_module (auth)",
        "  source autonomous_build_orchestrator: chatbot_project_orchestrator (backend/orchestrator)",
        "  stack fullstack_rag",
        "  stack web_fastapi_pg",
        "  repository autopack_auth_module",
        "  repository chatbot_project_orchestrator",
    ]
    assert err.splitlines()[0].startswith("features.yaml:6:9: warning: features.auth_basic.repos[0].repo_url")
    assert len(err.splitlines()) == 6
    row = Feature.objects.get(slug="auth_basic").history.first()
    assert row.history_user == "import_catalog (system:import_catalog)"
    assert row.history_change_reason == "Imported from features.yaml, stacks.yaml: First day"

    call_command("import_catalog", "stacks.yaml")
    assert capsys.readouterr().out == "Catalog main: nothing changes; 3 warnings.\n"


def test_a_dry_run_says_the_same_and_changes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("import_catalog", "features.yaml", "--catalog", "mine", "--dry-run")
    assert capsys.readouterr().out.startswith("Catalog mine (dry run): 6 added; 3 warnings.\nAdded:\n")
    assert not FeatureCatalog.objects.exists()


def test_changes_are_grouped_and_long_lists_are_cut(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    many = "".join(f"  f{n:02}: {{}}\n" for n in range(30))
    (folder / "many.yaml").write_text(f"features:\n{many}")
    call_command("import_catalog", "many.yaml")
    capsys.readouterr()
    (folder / "many.yaml").write_text("features:\n  f00: {aliases: [x], notes: y}\n  new: {}\n")
    call_command("import_catalog", "many.yaml", "--keep-missing")
    assert capsys.readouterr().out.splitlines() == [
        "Catalog main: 1 added, 1 changed.",
        "Added:",
        "  feature new",
        "Changed:",
        "  feature f00: aliases, notes",
    ]
    call_command("import_catalog", "many.yaml")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["Catalog main: 29 retired.", "Retired:"]
    assert lines[-1] == "  and 9 more (--verbosity 2 shows all)"
    assert len(lines) == 23


def test_stdin_is_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"features: {a: {repos: [{id: r}]}}")))
    call_command("import_catalog", "-")
    out, err = capsys.readouterr()
    assert out.startswith("Catalog main: 3 added; 2 warnings.")
    assert err.startswith("<stdin>:1:24: warning: ")
