"""`manage.py export_catalog`."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.support.catalog_yaml import MISSION_FEATURES, MISSION_STACKS

pytestmark = pytest.mark.django_db


def test_a_catalog_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no catalog 'main'"):
        call_command("export_catalog", "--output", str(tmp_path))


def test_a_folder_that_cannot_be_made_is_refused(imported: None, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="file"):
        call_command("export_catalog", "--output", str(tmp_path / "file"))


@pytest.fixture
def imported(tmp_path: Path) -> None:
    (tmp_path / "features.yaml").write_text(MISSION_FEATURES)
    (tmp_path / "stacks.yaml").write_text(MISSION_STACKS)
    call_command("import_catalog", str(tmp_path / "features.yaml"), str(tmp_path / "stacks.yaml"))


def test_a_check_says_which_files_differ(
    imported: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "catalog"
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        call_command("export_catalog", "--output", str(out), "--check")
    assert caught.value.code == 1
    assert not out.exists()
    assert capsys.readouterr().err.splitlines() == [
        f"{out}/feature_catalog.yaml: is not what catalog main says.",
        f"{out}/stack_profiles.yaml: is not what catalog main says.",
    ]
    call_command("export_catalog", "--output", str(out))
    assert capsys.readouterr().out == f"{out}: wrote feature_catalog.yaml, stack_profiles.yaml.\n"
    call_command("export_catalog", "--output", str(out), "--check")
    call_command("export_catalog", "--output", str(out))
    assert capsys.readouterr().out == f"{out}: is catalog main already.\n" * 2
    (out / "stack_profiles.yaml").write_text("profiles: {}\n")
    call_command("export_catalog", "--output", str(out))
    assert capsys.readouterr().out == f"{out}: wrote stack_profiles.yaml.\n"


def test_what_was_exported_imports_to_the_same_files(
    imported: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    call_command("export_catalog", "--output", str(first))
    call_command("import_catalog", *map(str, sorted(first.iterdir())), "--catalog", "other")
    call_command("export_catalog", "--output", str(second), "--catalog", "other")
    names = ["feature_catalog.yaml", "stack_profiles.yaml"]
    texts = [[(folder / name).read_text() for name in names] for folder in (first, second)]
    assert texts[0] == texts[1]
