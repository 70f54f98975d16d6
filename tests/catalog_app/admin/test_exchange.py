"""Import with a preview, and export: what is applied is what was shown."""

import base64
import io
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from autopack.actors import Actor
from catalog_app.models import Feature, FeatureCatalog
from catalog_app.services.trusting import whitelist_repos
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db

IMPORT = "/admin/catalog_app/featurecatalog/import/"
EXPORT = "/admin/catalog_app/featurecatalog/export/"
FEATURES = """\
features:
  login:
    title: Login
    aliases: [sign in]
    repos:
    - id: flask
      repo_url: https://github.com/pallets/flask
      license: BSD
"""


class Inputs(HTMLParser):
    """Hidden fields of a page, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "input" and values.get("type") == "hidden" and values.get("name") != "csrfmiddlewaretoken":
            self.found.setdefault(str(values["name"]), []).append(values.get("value") or "")


def hidden(response: Any) -> dict[str, list[str]]:
    inputs = Inputs()
    inputs.feed(response.content.decode())
    return inputs.found


@pytest.fixture
def catalog(db: None) -> FeatureCatalog:
    return make.CatalogFactory.create(title="Main catalog")


def preview(client: Client, text: str, **fields: Any) -> Any:
    upload = SimpleUploadedFile("feature_catalog.yaml", text.encode())
    response = client.post(IMPORT, {"catalog": "main", "uploads": [upload], "pasted": "", **fields})
    assert response.status_code == 200
    return response


def test_a_reader_finds_exports_and_imports_nothing(bob: Client, catalog: FeatureCatalog) -> None:
    page = bob.get(IMPORT).content.decode()
    assert "Both files as a zip" in page
    assert 'name="pasted"' not in page
    assert bob.post(IMPORT, {"catalog": "main", "pasted": FEATURES}).status_code == 403
    assert not Feature.objects.exists()


def test_nothing_to_import_is_said_beside_the_form(ada: Client, catalog: FeatureCatalog) -> None:
    response = ada.post(IMPORT, {"catalog": "main", "pasted": "  "})

    assert "Choose a file" in str(response.context["form"].errors)


def test_every_problem_is_shown_with_its_place_and_cannot_be_imported(
    ada: Client, catalog: FeatureCatalog
) -> None:
    text = "features:\n  login:\n    title: [1]\n    requires: [nothing]\n    complexity: huge\n"

    shown = preview(ada, text)

    page = shown.content.decode()
    assert {(problem.line, problem.is_error) for problem in shown.context["summary"].problems} >= {
        (3, True),
        (4, True),
        (5, True),
    }
    assert "feature_catalog.yaml:5:" in page
    assert "Import this" not in page

    again = ada.post(IMPORT, hidden(shown))

    assert again.status_code == 200
    assert not Feature.objects.exists()


def test_a_preview_changes_nothing(ada: Client, catalog: FeatureCatalog) -> None:
    shown = preview(ada, FEATURES)

    assert [group.title for group in shown.context["groups"]] == [
        "Feature added",
        "Source added",
        "Repository added",
    ]
    assert "BSD-3-Clause" in shown.content.decode()
    assert not Feature.objects.exists()


def test_what_was_shown_is_imported_on_confirmation(ada: Client, catalog: FeatureCatalog) -> None:
    gone = make.FeatureFactory.create(slug="gone")

    shown = preview(ada, FEATURES, is_complete="on", reason="From our repository.")
    done = ada.post(IMPORT, hidden(shown), follow=True)

    assert "Imported" in done.content.decode()
    feature = Feature.objects.active().get()
    assert (feature.slug, feature.aliases) == ("login", ["sign in"])
    gone.refresh_from_db()
    assert gone.retired_at is not None
    newest = feature.history.first()
    assert newest is not None
    assert newest.history_user.startswith("ada (user:")
    assert newest.history_change_reason == "Imported from feature_catalog.yaml: From our repository."


def test_files_that_say_a_part_retire_nothing(ada: Client, catalog: FeatureCatalog) -> None:
    make.FeatureFactory.create(slug="stays")

    ada.post(IMPORT, hidden(preview(ada, FEATURES)))

    assert set(Feature.objects.active().values_list("slug", flat=True)) == {"stays", "login"}


def _other_content(fields: dict[str, list[str]]) -> None:
    fields["file_content"] = [base64.b64encode(FEATURES.replace("login", "backdoor").encode()).decode()]


def _other_name(fields: dict[str, list[str]]) -> None:
    fields["file_name"] = ["reviewed.yaml"]


def _complete(fields: dict[str, list[str]]) -> None:
    fields["is_complete"] = ["yes"]


def _forged(fields: dict[str, list[str]]) -> None:
    fields["seen"] = [fields["seen"][0][:-1] + "x"]


def _other_catalog(fields: dict[str, list[str]]) -> None:
    make.CatalogFactory.create(slug="second", title="Second")
    fields["catalog"] = ["second"]


@pytest.mark.parametrize("change", [_other_content, _other_name, _complete, _forged, _other_catalog])
def test_something_else_than_what_was_shown_is_not_imported_but_shown(
    ada: Client, catalog: FeatureCatalog, change: Callable[[dict[str, list[str]]], None]
) -> None:
    make.FeatureFactory.create(slug="stays")
    fields = hidden(preview(ada, FEATURES))
    change(fields)

    again = ada.post(IMPORT, fields)

    assert again.status_code == 200
    assert "These are not the files that you saw" in again.content.decode()
    assert list(Feature.objects.active().values_list("slug", flat=True)) == ["stays"]


def test_a_catalog_that_changed_since_is_previewed_again(
    ada: Client, catalog: FeatureCatalog, curator: Actor
) -> None:
    source = make.SourceFactory.create()
    fields = hidden(preview(ada, FEATURES))
    whitelist_repos([source.repo], actor=curator, reason="Meanwhile.")

    again = ada.post(IMPORT, fields)

    assert "The catalog has changed since you saw this" in again.content.decode()
    assert not Feature.objects.filter(slug="login").exists()

    assert ada.post(IMPORT, hidden(again)).status_code == 302
    assert Feature.objects.filter(slug="login").exists()


def test_what_the_catalog_says_already_leaves_nothing_to_confirm(
    ada: Client, catalog: FeatureCatalog
) -> None:
    ada.post(IMPORT, hidden(preview(ada, FEATURES)))

    page = preview(ada, FEATURES).content.decode()

    assert "There is nothing to change." in page
    assert "Import this" not in page


def test_a_changed_field_is_shown_before_and_after(ada: Client, catalog: FeatureCatalog) -> None:
    ada.post(IMPORT, hidden(preview(ada, FEATURES)))

    shown = preview(ada, FEATURES.replace("title: Login", "title: <b>Login</b>"))

    (group,) = shown.context["groups"]
    assert group.title == "Feature changed"
    (field,) = group.compared[0].fields
    assert (field.name, field.before, field.after) == ("title", "Login", "<b>Login</b>")
    assert "&lt;b&gt;Login" in shown.content.decode()


def test_line_ends_and_characters_survive_the_preview(ada: Client, catalog: FeatureCatalog) -> None:
    text = FEATURES.replace("title: Login", "title: Přihlášení\n    description: |\n      one\n\n      two")

    ada.post(IMPORT, hidden(preview(ada, text)))

    feature = Feature.objects.get()
    assert (feature.title, feature.description) == ("Přihlášení", "one\n\ntwo")


def test_an_unreadable_hidden_file_is_a_bad_request(ada: Client, catalog: FeatureCatalog) -> None:
    fields = hidden(preview(ada, FEATURES))

    assert ada.post(IMPORT, {**fields, "file_content": ["no base64!"]}).status_code == 400
    assert ada.post(IMPORT, {**fields, "file_name": []}).status_code == 400


def test_an_export_is_for_staff_and_of_a_catalog_that_is_there(bob: Client, catalog: FeatureCatalog) -> None:
    assert Client().get(f"{EXPORT}?catalog=main").status_code == 302
    assert bob.get(f"{EXPORT}?catalog=none").status_code == 404
    assert bob.get(f"{EXPORT}?catalog=main&file=../settings.py").status_code == 404


def test_what_is_exported_imports_to_the_same(ada: Client, bob: Client, catalog: FeatureCatalog) -> None:
    ada.post(IMPORT, hidden(preview(ada, FEATURES)))

    packed = bob.get(f"{EXPORT}?catalog=main")
    single = bob.get(f"{EXPORT}?catalog=main&file=feature_catalog.yaml").content.decode()

    assert packed["Content-Disposition"] == 'attachment; filename="main.zip"'
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert set(archive.namelist()) == {"feature_catalog.yaml", "stack_profiles.yaml"}
        assert archive.read("feature_catalog.yaml").decode() == single
    assert "There is nothing to change." in preview(ada, single, is_complete="on").content.decode()
