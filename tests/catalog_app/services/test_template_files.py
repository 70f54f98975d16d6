"""Templates as files and back: the identical library, or nothing."""

from typing import Any

import pytest

from autopack.actors import Actor, ActorKind, Role
from catalog_app.briefing.types import Wish
from catalog_app.errors import InvalidTemplate
from catalog_app.interchange.entries import Json
from catalog_app.interchange.files import WrittenFile
from catalog_app.models import FeatureCatalog, PlanTemplate, TemplateVersion
from catalog_app.planning.composing import compose_request
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.wishes import MAX_WISHES
from catalog_app.selectors.templates import get_template_version
from catalog_app.services.instantiating import preview_instance
from catalog_app.services.plans import create_plan
from catalog_app.services.template_files import (
    ImportAction,
    TemplateImport,
    export_templates,
    import_templates,
)
from catalog_app.services.template_rows import TemplateDraft
from catalog_app.services.templates import archive_template, create_template_from_plan, edit_template
from tests.support import catalog_factories as make
from tests.support.factories import ProjectFactory

pytestmark = pytest.mark.django_db

ADA = Actor(ActorKind.USER, "user:1", "ada", frozenset({Role.PLANNER}))
GUEST = Actor(ActorKind.KEY, "key:1", "guest", frozenset({Role.PLANNER}), frozenset({"blog"}))
SHOP = PlanRequest(
    title="Shop",
    summary="Sells things.\nMany of them.",
    wishes=(Wish("login", "People sign in", slug="login"), Wish("cart", "A cart")),
    slots={"queue": "none", "db": "postgres"},
)


@pytest.fixture
def catalog() -> FeatureCatalog:
    feature = make.FeatureFactory.create(slug="login")
    make.SourceFactory.create(feature=feature, paths=["src"])
    return feature.catalog


def keep(catalog: FeatureCatalog, request: PlanRequest = SHOP, **said: Any) -> PlanTemplate:
    version = create_plan(request, catalog=catalog, actor=ADA).version
    return create_template_from_plan(version, TemplateDraft(**said), actor=ADA).template


def export(*templates: PlanTemplate) -> dict[str, str]:
    return export_templates(get_template_version(template) for template in templates)


def as_files(texts: dict[str, str]) -> list[WrittenFile]:
    return [(name, text.encode()) for name, text in texts.items()]


def bring(catalog: FeatureCatalog, texts: dict[str, str], **options: Any) -> TemplateImport:
    return import_templates(as_files(texts), catalog=catalog, **{"actor": ADA, **options})


def forget() -> None:
    """As in another installation."""
    TemplateVersion.objects.all().delete()
    PlanTemplate.objects.all().delete()


def refused(catalog: FeatureCatalog, texts: dict[str, str], **options: Any) -> list[tuple[str, int, str]]:
    with pytest.raises(InvalidTemplate) as caught:
        bring(catalog, texts, **options)
    return [(error["file"], error["line"], error["code"]) for error in caught.value.errors]


def test_with_any_error_nothing_is_kept(catalog: FeatureCatalog) -> None:
    good = "template_id: good\ntitle: Good\nrequest:\n  features: [Sign in]\n"
    bad = "template_id: bad\ntitle: Bad\nrequest: {title: Nothing}\n"
    assert refused(catalog, {"a.yaml": good, "b.yaml": bad, "c.yaml": "- 1\n"}) == [
        ("b.yaml", 3, "empty_request"),
        ("c.yaml", 1, "wrong_kind"),
        ("c.yaml", 1, "missing"),
        ("c.yaml", 1, "missing"),
        ("c.yaml", 1, "missing"),
    ]
    assert refused(catalog, {"plan.md": "# Mine"}) == []
    assert not PlanTemplate.objects.exists()


def test_no_more_is_planned_at_once_than_one_plan_may_have(catalog: FeatureCatalog) -> None:
    features = "".join(f"  - Thing {number}\n" for number in range(MAX_WISHES // 2 + 1))
    texts = {
        f"{name}.yaml": f"template_id: {name}\ntitle: {name}\nrequest:\n  features:\n{features}"
        for name in ("one", "two", "three")
    }
    assert refused(catalog, texts) == [("two.yaml", 3, "too_many")]
    assert not PlanTemplate.objects.exists()


def test_nobody_overwrites_what_they_do_not_see(catalog: FeatureCatalog) -> None:
    template = keep(catalog)
    texts = export(template)
    PlanTemplate.objects.update(project=ProjectFactory.create(project_id="shop"))
    assert [code for _, _, code in refused(catalog, texts, actor=GUEST)] == ["template_exists"]


def test_exported_and_imported_it_is_the_same_library(catalog: FeatureCatalog) -> None:
    first = keep(catalog, description="For shops.\n\nSmall ones.", tags=["web", "small"], note="Good.")
    edit_template(first, title="Small shop", actor=ADA)
    first.refresh_from_db()
    texts = export(first, keep(catalog, PlanRequest(title="Blog", wishes=(Wish("posts", "Posts"),))))
    rows = _rows()
    assert [name.rsplit("/", 2)[1:] for name in texts] == [
        ["blog", "plan.md"],
        ["blog", "template.yaml"],
        ["shop", "plan.md"],
        ["shop", "template.yaml"],
    ]
    assert {each.action for each in bring(catalog, texts).templates} == {ImportAction.UNCHANGED}
    assert _rows() == rows

    forget()
    # Whatever the catalog says by now: the plan is the one that was kept.
    make.FeatureFactory.create(slug="another")
    imported = bring(catalog, texts)

    assert {each.action for each in imported.templates} == {ImportAction.CREATED}
    assert imported.warnings == ()
    assert _rows() == [row for row in rows if row["template__latest_version"] == row["number"]]
    assert export(*PlanTemplate.objects.all()) == texts


def _rows() -> list[dict[str, Any]]:
    return list(
        TemplateVersion.objects.order_by("template__template_id", "number").values(
            *(
                "number",
                "request",
                "request_digest",
                "document_text",
                "digest",
                "outline",
                "outcomes_digest",
                "note",
            ),
            *("template__template_id", "template__title", "template__description", "template__tags"),
            *("template__origin", "template__origin_ref", "template__project_type", "template__stack"),
            "template__latest_version",
        )
    )


def test_numbers_that_postgresql_writes_in_another_way_change_no_byte(catalog: FeatureCatalog) -> None:
    said: dict[str, Json] = {
        "features": ["Sign in"],
        "parameters": [{"name": "n", "type": "number", "default": -0.0}],
    }
    request, problems = compose_request(said)
    template = keep(catalog, request)
    texts = export(template)

    preview = preview_instance(get_template_version(template))

    assert (problems, bring(catalog, texts).warnings) == ((), ())
    assert preview.drafted.digest == preview.version.digest


def test_a_request_that_was_changed_by_hand_is_planned_on_this_catalog(catalog: FeatureCatalog) -> None:
    template = keep(catalog)
    texts = {
        name: text.replace("quote: A cart", "quote: Two carts") for name, text in export(template).items()
    }

    assert bring(catalog, texts, is_dry_run=True).templates[0].action is ImportAction.CHANGED
    assert not TemplateVersion.objects.filter(number=2).exists()
    imported = bring(catalog, texts)

    (changed,) = imported.templates
    assert (changed.action, changed.version.number) == (ImportAction.CHANGED, 2)
    assert "request_edited" in [warning.code for warning in imported.warnings]
    assert changed.version.document["features"][1]["quotes"] == ["Two carts"]
    assert bring(catalog, export(changed.version.template)).templates[0].action is ImportAction.UNCHANGED


def test_a_template_written_by_hand_is_planned(catalog: FeatureCatalog) -> None:
    shop = ProjectFactory.create(project_id="shop")
    text = (
        "template_id: desk\ntitle: Desk\ntags: [web]\nrequest:\n  features: [{slug: login}, {slug: logon}]\n"
    )

    imported = bring(catalog, {"mine/desk.yaml": text}, project=shop)
    again = bring(catalog, {"mine/desk.yaml": text})

    template = imported.templates[0].version.template
    assert (template.origin, template.origin_ref, template.project) == ("yaml", "mine/desk.yaml", shop)
    warning = imported.warnings[0]
    assert (warning.code, warning.line, warning.suggestion) == ("unknown_feature", 5, "login")
    assert imported.templates[0].version.document["features"][0]["slug"] == "login"
    assert again.templates[0].action is ImportAction.UNCHANGED
    archive_template(template, actor=ADA)
    assert [warning.code for warning in bring(catalog, {"x.yaml": text}).warnings] == [
        "archived",
        "unknown_feature",
    ]
