"""Plans made from templates: byte for byte the same, or the same with exactly a delta."""

from typing import Any

import pytest
from django.utils import timezone

from autopack.actors import Actor, ActorKind, Role
from catalog_app.briefing.types import Wish
from catalog_app.choices import DriftKind, FeatureDecision, LookupBand, PlanMode
from catalog_app.errors import DeltaUnclear, InvalidPlanRequest, TemplateArchived
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, Plan, TemplateVersion
from catalog_app.planning.changes import PlanChanges
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import Match, Resolution
from catalog_app.selectors.resolving import Resolved
from catalog_app.services import understanding
from catalog_app.services.instantiating import plan_from_template, preview_instance
from catalog_app.services.plans import create_plan
from catalog_app.services.template_rows import TemplateDraft
from catalog_app.services.templates import archive_template, create_template_from_plan
from tests.support import catalog_factories as make
from tests.support.factories import ProjectFactory

pytestmark = pytest.mark.django_db

ADA = Actor(ActorKind.USER, "user:1", "ada", frozenset({Role.PLANNER}))
SHOP = PlanRequest(
    title="Shop",
    mode=PlanMode.DRAFT,
    wishes=(Wish("sign-in", "People sign in", slug="login"), Wish("teams", "Teams", slug="teams")),
)


@pytest.fixture
def catalog() -> FeatureCatalog:
    for slug in ("login", "teams", "billing"):
        feature = make.FeatureFactory.create(slug=slug)
        verified(feature, f"{slug}-kit")
    make.StackFactory.create(slug="web")
    return feature.catalog


def verified(feature: Feature, repo_id: str, **said: Any) -> FeatureSource:
    repo = make.RepoFactory.create(repo_id=repo_id, is_whitelisted=True)
    return make.verified_source(feature=feature, repo=repo, **said)


@pytest.fixture
def template(catalog: FeatureCatalog) -> TemplateVersion:
    plan = create_plan(SHOP, catalog=catalog, actor=ADA)
    return create_template_from_plan(plan.version, TemplateDraft(), actor=ADA).version


def test_changes_that_cannot_be_made_are_refused(template: TemplateVersion) -> None:
    changes = PlanChanges(remove=("wiki",), add=(Wish("x", "Invoices", slug="billin"),))
    with pytest.raises(InvalidPlanRequest) as caught:
        preview_instance(template, changes)
    assert [(e["pointer"], e["suggestions"]) for e in caught.value.errors] == [("/add/0/slug", ["billing"])]
    with pytest.raises(InvalidPlanRequest) as caught:
        preview_instance(template, PlanChanges(remove=("wiki",)))
    assert [(e["code"], e["pointer"]) for e in caught.value.errors] == [("unknown_feature", "/remove/0")]
    with pytest.raises(InvalidPlanRequest) as caught:
        preview_instance(template, PlanChanges(remove=("sign-in", "teams")))
    assert caught.value.problem_code == "empty_request"


def test_nothing_is_made_from_an_archived_template(template: TemplateVersion) -> None:
    template.template = archive_template(template.template, actor=ADA)
    with pytest.raises(TemplateArchived):
        plan_from_template(template, actor=ADA)
    assert Plan.objects.count() == 1


def test_without_a_delta_the_plan_is_the_same_byte_for_byte(template: TemplateVersion) -> None:
    plan = Plan.objects.get()

    instance = preview_instance(template)
    saved = plan_from_template(template, plan_id="again", actor=ADA)

    assert instance.drafted.content == plan.versions.get().document_text.encode()
    assert instance.drift == ()
    assert saved.version.document_text == template.document_text
    assert (saved.version.template_version, saved.plan.plan_id) == (template, "again")
    assert plan_from_template(template, plan_id="again", actor=ADA).is_new is False


def test_with_a_delta_it_is_the_same_but_for_that(template: TemplateVersion) -> None:
    changes = PlanChanges(
        title="Store", remove=("teams",), add=(Wish("billing", "Customers pay", slug="billing"),), stack="web"
    )
    instance = preview_instance(template, changes)

    features = {feature.key: feature for feature in instance.drafted.plan.features}
    before = {feature.key: feature for feature in instance.before.features}
    assert features.keys() == {"sign-in", "billing"}
    assert features["sign-in"] == before["sign-in"]
    assert features["billing"].decision is FeatureDecision.REUSE
    assert (instance.drafted.plan.title, instance.drafted.plan.stack.is_pinned) == ("Store", True)
    assert instance.drift == ()
    assert Plan.objects.count() == 1
    assert plan_from_template(template, changes, actor=ADA).plan.plan_id == "store"


def test_a_delta_in_words_is_the_same_as_the_delta(template: TemplateVersion) -> None:
    words = "The same, but with Stripe and without teams. Make it blue sky."
    with pytest.raises(DeltaUnclear) as caught:
        plan_from_template(template, PlanChanges(words=words), actor=ADA)
    assert [error["code"] for error in caught.value.errors] == ["not_understood"]

    instance = preview_instance(template, PlanChanges(title="Store", words=words))

    assert [problem.code for problem in instance.said.unclear] == ["not_understood"]
    assert [feature.quotes for feature in instance.drafted.plan.features] == [
        ("People sign in",),
        ("Stripe",),
    ]
    changes = PlanChanges(title="Store", words=words.partition(".")[0])
    saved = plan_from_template(template, changes, actor=ADA)
    assert saved.version.digest == instance.drafted.digest


def test_lookup_is_asked_for_what_no_name_fits(
    template: TemplateVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(_: FeatureCatalog, request: PlanRequest) -> Resolved:
        matches = tuple(Match(slug, slug, 0.5) for slug in ("billing", "teams"))
        return Resolved({veto.key: Resolution(LookupBand.CHOOSE, matches) for veto in request.vetoes})

    monkeypatch.setattr(understanding, "resolve", resolve)
    said = preview_instance(template, PlanChanges(words="without workspaces")).said
    assert (said.changes.remove, said.notes) == (("teams",), ("“workspaces” was taken for teams.",))


def test_what_the_catalog_says_otherwise_is_told(template: TemplateVersion, catalog: FeatureCatalog) -> None:
    FeatureSource.objects.filter(feature__slug="login").update(pinned_commit="b" * 40)
    FeatureSource.objects.filter(feature__slug="teams").update(retired_at=timezone.now())
    better = verified(Feature.objects.get(slug="login"), "better-kit")
    FeatureSource.objects.filter(pk=better.pk).update(quality_score="1.0")

    instance = preview_instance(template)

    assert [(change.kind, change.key) for change in instance.drift] == [
        (DriftKind.SOURCE_REPINNED, "sign-in"),
        (DriftKind.BETTER_SOURCE, "sign-in"),
        (DriftKind.SOURCE_GONE, "teams"),
    ]
    assert instance.drafted.plan.features[0].source is not None
    assert instance.drafted.plan.features[0].source.repo_id == "better-kit"


def test_what_a_template_names_may_have_been_retired_since(
    template: TemplateVersion, catalog: FeatureCatalog
) -> None:
    Feature.objects.filter(slug="teams").update(retired_at=timezone.now())

    saved = plan_from_template(template, actor=ADA)

    assert [warning["code"] for warning in saved.version.document["warnings"]] == ["unknown_feature"]


def test_another_project_decides_by_its_own_policy(template: TemplateVersion) -> None:
    shop = ProjectFactory.create(project_id="shop")
    make.LicensePolicyFactory.create(slug="shop", project=shop, allowed=[], denied=["MIT"], review=[])

    instance = preview_instance(template, project=shop)
    saved = plan_from_template(template, project=shop, actor=ADA)

    assert {change.kind for change in instance.drift} == {
        DriftKind.LICENSE_CHANGED,
        DriftKind.SOURCE_UNUSABLE,
    }
    assert saved.plan.project == shop
