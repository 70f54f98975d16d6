"""Templates in and out of the library, by a browser."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from autopack.actors import Role
from catalog_app.models import PlanTemplate
from catalog_app.presentation.archives import pack
from tests.support.catalog_factories import CatalogFactory
from tests.support.pages import SignIn
from tests.support.plan_templates import make_template

IMPORT = "/dashboard/templates/import/files/"


@pytest.fixture
def planner(sign_in: SignIn) -> Client:
    return sign_in(Role.PLANNER)


def exported(client: Client, path: str) -> dict[str, str]:
    content = client.get(f"/dashboard/templates/{path}").content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_readers_import_nothing(reader: Client) -> None:
    assert "needs the role planner" in reader.get(IMPORT).content.decode()
    assert reader.post(IMPORT, {"pasted": "x"}).status_code == 403


def test_without_a_catalog_or_a_file_there_is_nothing_to_import(planner: Client) -> None:
    assert "There is no catalog" in planner.post(IMPORT, {"pasted": "x: 1"}).content.decode()
    CatalogFactory.create()
    response = planner.post(IMPORT, {"pasted": " "})
    assert response.status_code == 422
    assert "Choose a file" in response.content.decode()


def test_every_problem_is_shown_with_its_line_and_nothing_is_kept(planner: Client) -> None:
    CatalogFactory.create()
    pasted = "format: 1\ntemplate_id: '../evil'\ntitle: <script>\nrequest: 7\n"
    uploads = [SimpleUploadedFile("broken.zip", b"PK"), SimpleUploadedFile("a.yaml", b"a: [")]
    response = planner.post(IMPORT, {"pasted": pasted, "files": uploads[1:]})
    html = response.content.decode()
    assert response.status_code == 422
    assert "pasted.yaml:2" in html
    assert "a.yaml:1" in html
    assert "<script>" not in html.split("<main", 1)[1].split("</main>")[0]
    assert "cannot be read as a ZIP" in planner.post(IMPORT, {"files": uploads[:1]}).content.decode()
    assert not PlanTemplate.objects.exists()


def test_what_goes_out_comes_back(planner: Client, reader: Client) -> None:
    CatalogFactory.create()
    for template_id in ("shop", "chat"):
        make_template(template_id)
    make_template("old", archived_at="2026-01-01T00:00:00Z")
    files = exported(reader, "export/library.zip")
    assert sorted(files) == [
        "plans/web_app/chat/plan.md",
        "plans/web_app/chat/template.yaml",
        "plans/web_app/shop/plan.md",
        "plans/web_app/shop/template.yaml",
    ]
    one = exported(reader, "shop/export.zip")
    assert one == {name: text for name, text in files.items() if "/shop/" in name}

    for template in PlanTemplate.objects.all():
        template.versions.all().delete()
        template.delete()
    html = planner.post(
        IMPORT, {"files": SimpleUploadedFile("lib.zip", pack(files))}, follow=True
    ).content.decode()
    assert "Imported: 2 created." in html
    assert exported(reader, "export/library.zip") == files
    both = [SimpleUploadedFile("template.yaml", t.encode()) for n, t in files.items() if n.endswith(".yaml")]
    assert "2 unchanged" in planner.post(IMPORT, {"files": both}, follow=True).content.decode()
