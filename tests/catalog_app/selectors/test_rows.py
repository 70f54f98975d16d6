"""One thing of a catalog by its name, and the short lists."""

from collections.abc import Callable

import pytest

from autopack.actors import Actor, ActorKind, Role, system_actor
from autopack.errors import NotFound
from autopack.models import Project
from catalog_app.models import FeatureCatalog, PreferredRepo
from catalog_app.selectors.catalogs import get_catalog, get_policy, list_catalogs, list_policies
from catalog_app.selectors.features import get_combination, get_feature, list_categories, list_combinations
from catalog_app.selectors.repos import RepoFilter, get_repo, list_repos
from catalog_app.selectors.stacks import get_stack, list_stack_slugs, list_stacks
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db

ANYBODY = system_actor("test")


@pytest.fixture
def catalog() -> FeatureCatalog:
    found: FeatureCatalog = make.CatalogFactory.create()
    return found


@pytest.mark.parametrize(
    ("look", "code"),
    [
        (lambda _: get_catalog("nowhere"), "catalog_not_found"),
        (lambda _: get_policy(ANYBODY, "nowhere"), "license_policy_not_found"),
        (lambda catalog: get_feature(catalog, "nothing"), "feature_not_found"),
        (lambda catalog: get_combination(catalog, "nothing"), "combination_not_found"),
        (lambda catalog: get_stack(catalog, "nothing"), "stack_not_found"),
        (lambda catalog: get_repo(catalog, "nothing"), "repository_not_found"),
    ],
)
def test_what_is_not_there_is_said_to_be_missing(
    catalog: FeatureCatalog, look: Callable[[FeatureCatalog], object], code: str
) -> None:
    make.FeatureFactory.create(catalog=make.CatalogFactory.create(slug="other"), slug="nothing")
    with pytest.raises(NotFound) as caught:
        look(catalog)
    assert caught.value.problem_code == code


def test_the_catalog_that_everything_uses_comes_first(catalog: FeatureCatalog) -> None:
    other = make.CatalogFactory.create(slug="a", title="A")
    assert list_catalogs() == [catalog, other]
    assert get_catalog() == catalog


def test_a_policy_of_a_project_is_for_those_who_see_the_project(catalog: FeatureCatalog) -> None:
    project = Project.objects.create(project_id="shop", name="Shop", repo_path="/srv/shop")
    make.LicensePolicyFactory.create(slug="shop", project=project)
    here = Actor(ActorKind.KEY, "key:1", "here", frozenset({Role.READER}), frozenset({"shop"}))
    elsewhere = Actor(ActorKind.KEY, "key:2", "elsewhere", frozenset({Role.READER}), frozenset({"other"}))

    assert [policy.slug for policy in list_policies(ANYBODY)] == ["default", "shop"]
    assert get_policy(here, "shop").project == project
    assert [policy.slug for policy in list_policies(elsewhere)] == ["default"]


def test_a_feature_comes_with_all_of_its_sources(catalog: FeatureCatalog) -> None:
    feature = make.FeatureFactory.create(catalog=catalog, slug="login", category="auth")
    second = make.SourceFactory.create(feature=feature, position=1, retired_at=make.START)
    first = make.SourceFactory.create(feature=feature, position=0)
    make.FeatureFactory.create(catalog=catalog, category="")

    assert list(get_feature(catalog, "login").sources.all()) == [first, second]
    assert list_categories(catalog) == ["auth"]


def test_combinations_are_found_by_their_features(catalog: FeatureCatalog) -> None:
    base = make.CombinationFactory.create(catalog=catalog, slug="base", features=["login", "teams"])
    old = make.CombinationFactory.create(
        catalog=catalog, slug="old", features=["login"], retired_at=make.START
    )

    assert list(list_combinations(catalog, feature="login")) == [base]
    assert list(list_combinations(catalog, feature="login", is_retired=None)) == [base, old]
    assert get_combination(catalog, "old") == old


def test_stacks_are_found_by_words_and_project_types(catalog: FeatureCatalog) -> None:
    rag = make.StackFactory.create(catalog=catalog, slug="rag", title="Documents", project_types=["rag_app"])
    web = make.StackFactory.create(catalog=catalog, slug="web", title="Pages", retired_at=make.START)
    PreferredRepo.objects.create(stack=rag, repo_ref="unknown")

    assert list(list_stacks(catalog)) == [rag]
    assert list(list_stacks(catalog, words="DOCU")) == [rag]
    assert not list_stacks(catalog, words="docu pages")
    assert list(list_stacks(catalog, project_type="rag_app")) == [rag]
    assert list(list_stacks(catalog, is_retired=True)) == [web]
    assert list_stack_slugs(catalog) == ["rag", "web"]
    assert [preferred.repo_ref for preferred in get_stack(catalog, "rag").preferred_repos.all()] == [
        "unknown"
    ]


def test_repositories_come_with_their_counts(catalog: FeatureCatalog) -> None:
    lib = make.RepoFactory.create(repo_id="lib", is_whitelisted=True)
    idle = make.RepoFactory.create(repo_id="idle", ownership="own", visibility="private")
    feature = make.FeatureFactory.create(catalog=catalog)
    make.verified_source(feature=feature, repo=lib)
    make.SourceFactory.create(feature=feature, repo=lib, paths=["src"])
    make.SourceFactory.create(feature=feature, repo=lib, paths=["old"], retired_at=make.START)

    counts = [
        (repo.repo_id, repo.source_count, repo.usable_count)  # type: ignore[attr-defined]  # annotated
        for repo in list_repos(catalog, RepoFilter())
    ]
    assert counts == [("idle", 0, 0), ("lib", 2, 1)]
    assert list(list_repos(catalog, RepoFilter(is_used=True))) == [lib]
    assert list(list_repos(catalog, RepoFilter(is_used=False, words="IDL"))) == [idle]
    assert list(list_repos(catalog, RepoFilter(is_whitelisted=True))) == [lib]
    assert list(list_repos(catalog, RepoFilter(updated_since=idle.updated_at))) == [idle]
    assert get_repo(catalog, "lib") == lib
