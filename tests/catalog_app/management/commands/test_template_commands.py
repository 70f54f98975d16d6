"""`export_templates` and `import_templates`."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog_app.models import PlanTemplate
from tests.support.catalog_factories import CatalogFactory

pytestmark = pytest.mark.django_db

DESK = "template_id: desk\ntitle: Desk\nrequest:\n  features: [Sign in, Tickets]\n"


def run(command: str, *arguments: object) -> tuple[int, str, str]:
    out, err, status = StringIO(), StringIO(), 0
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=err)
    except SystemExit as error:
        status = int(error.code or 0)
    return status, out.getvalue(), err.getvalue()


def test_problems_are_said_with_their_lines(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is no catalog"):
        run("import_templates", tmp_path)
    CatalogFactory.create()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "template.yaml").write_text(DESK.replace("features", "fetures"))
    status, out, err = run("import_templates", tmp_path)
    assert (status, out) == (1, "")
    assert "a/template.yaml:4:3: error: request.fetures: is not known here" in err
    assert "nothing was kept" in err
    with pytest.raises(CommandError, match="cannot be read"):
        run("import_templates", tmp_path / "none.yaml")
    with pytest.raises(CommandError, match="There is no template 'none'"):
        run("export_templates", tmp_path, "--template", "none")


def test_a_library_goes_through_a_folder(tmp_path: Path) -> None:
    CatalogFactory.create()
    (tmp_path / "desk.yaml").write_text(DESK)
    folder = tmp_path / "library"
    assert run("export_templates", folder)[1] == "There is no template.\n"
    assert run("import_templates", tmp_path / "desk.yaml", "--dry-run")[1].endswith("version 1 (dry run)\n")
    assert not PlanTemplate.objects.exists()
    assert run("import_templates", tmp_path / "desk.yaml")[1] == "desk: created, version 1\n"

    assert run("export_templates", folder, "--check")[0] == 1
    assert "template.yaml" in run("export_templates", folder)[1]
    assert run("export_templates", folder, "--template", "desk", "--check")[:2] == (
        0,
        f"{folder}: is the library already.\n",
    )
    assert run("import_templates", folder) == (0, "desk: unchanged, version 1\n", "")
