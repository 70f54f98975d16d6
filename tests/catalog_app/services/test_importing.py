"""Files into a catalog and out of it again."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from autopack.actors import Actor
from catalog_app.errors import InvalidCatalog
from catalog_app.interchange import files as catalog_files
from catalog_app.interchange.entries import CatalogContent
from catalog_app.interchange.writing import write_catalog
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, SourceRepo, StackProfile
from catalog_app.services.exporting import export_catalog, find_differing, save_export
from catalog_app.services.governing import get_or_create_catalog
from catalog_app.services.importing import import_files, preview_import
from tests.catalog_app.interchange.test_writing import CONTENTS
from tests.support.catalog_yaml import MISSION_FEATURES, MISSION_STACKS

pytestmark = pytest.mark.django_db

STARTER = Path(__file__).resolve().parents[3] / "catalog"
MISSION = [
    ("feature_catalog.yaml", MISSION_FEATURES.encode()),
    ("stack_profiles.yaml", MISSION_STACKS.encode()),
]

TEN_ERRORS = """\
title: Broken
features:
  good-one:
    title: Good
    repos:
    - {id: flask, repo_url: https://github.com/pallets/flask, license: BSD-3-Clause}
  bad name:
    title: A name with a blank
  login:
    title: [not, a, text]
    complexity: enormous
    aliases: [SSO, sso]
    requires: [nowhere]
    repos:
    - {id: django-allauth, path: ../etc, license: MIT}
    - {id: django-allauth, quality_score: 7, license: MIT}
    - {id: authlib, pinned_commit: abc, license: MIT}
  one: {title: One, requires: [two]}
  two: {title: Two, requires: [one]}
  one: {title: One again, requires: [two]}
"""


@pytest.fixture
def catalog(curator: Actor) -> FeatureCatalog:
    return get_or_create_catalog(actor=curator)


def test_a_file_with_ten_errors_reports_all_ten_with_their_lines_and_changes_nothing(
    catalog: FeatureCatalog, curator: Actor
) -> None:
    import_files(catalog, MISSION, actor=curator)
    before = export_catalog(catalog)
    catalog.refresh_from_db()
    with pytest.raises(InvalidCatalog) as caught:
        import_files(catalog, [("broken.yaml", TEN_ERRORS.encode())], actor=curator)
    assert str(caught.value) == "There are 10 problems in broken.yaml; nothing was changed."
    assert [(e["line"], e["column"], e["code"], e["path"]) for e in caught.value.errors] == [
        (7, 3, "bad_name", "features.bad name"),
        (10, 5, "wrong_kind", "features.login.title"),
        (11, 5, "unknown_value", "features.login.complexity"),
        (12, 20, "same_alias", "features.login.aliases[1]"),
        (13, 16, "unknown_feature", "features.login.requires[0]"),
        (15, 28, "bad_path", "features.login.repos[0].path"),
        (16, 28, "out_of_range", "features.login.repos[1].quality_score"),
        (17, 21, "bad_commit", "features.login.repos[2].pinned_commit"),
        (20, 3, "same_key", "features.one (again)"),
        (20, 27, "requires_cycle", "features.one.requires"),
    ]
    assert caught.value.errors[3]["detail"] == (
        "broken.yaml:12:20: error: features.login.aliases[1]: 'sso' is here twice (broken.yaml:12:15)"
    )
    state = (catalog.version, catalog.digest, catalog.updated_at)
    catalog.refresh_from_db()
    assert (catalog.version, catalog.digest, catalog.updated_at) == state
    assert export_catalog(catalog) == before
    preview = preview_import(catalog, [("broken.yaml", TEN_ERRORS.encode())])
    assert len(preview.errors) == 10
    assert preview.plan.is_empty


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"features: [", "f.yaml:1:12: error: cannot be read as YAML: did not find expected node content"),
        (b"\xff", "f.yaml:1:1: error: is not UTF-8 text"),
        (b"", "f.yaml:1:1: error: must be a mapping with features or profiles, not nothing"),
        (b"# " + b"x" * 100, "f.yaml:1:1: error: has 102 bytes; at most 100 are read"),
        (
            b"features: {a: {x: [1, 2, 3, 4, 5, 6]}}",
            "f.yaml:1:32: error: cannot be read as YAML: it has more",
        ),
    ],
)
def test_files_that_cannot_be_read_are_refused(
    content: bytes,
    expected: str,
    catalog: FeatureCatalog,
    curator: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catalog_files, "MAX_BYTES", 100)
    monkeypatch.setattr(catalog_files, "MAX_NODES", 8)
    with pytest.raises(InvalidCatalog) as caught:
        import_files(catalog, [("f.yaml", content), ("fine.yaml", b"features: {}")], actor=curator)
    (error,) = caught.value.errors
    assert str(error["detail"]).startswith(expected)


def test_one_feature_in_two_files_is_refused_with_both_places(
    catalog: FeatureCatalog, curator: Actor
) -> None:
    files = [("one.yaml", b"features:\n  a: {}\n"), ("two.yaml", b"features:\n  b: {}\n  a: {}\n")]
    with pytest.raises(InvalidCatalog) as caught:
        import_files(catalog, files, actor=curator)
    assert [error["detail"] for error in caught.value.errors] == [
        "two.yaml:3:3: error: features.a: a is here a second time (one.yaml:2:3)"
    ]


def test_the_missions_examples_are_imported_with_exactly_the_expected_warnings(
    catalog: FeatureCatalog, curator: Actor
) -> None:
    summary = import_files(catalog, MISSION, actor=curator)
    assert summary.errors == ()
    assert [str(warning) for warning in summary.warnings] == [
        "feature_catalog.yaml:6:9: warning: features.auth_basic.repos[0].repo_url: https://github.com/... is "
        "no address of a repository yet",
        "feature_catalog.yaml:15:9: warning: features.autonomous_build_orchestrator.repos[0].repo_url: "
        "https://github.com/... is no address of a repository yet",
        "feature_catalog.yaml:17:9: warning: features.autonomous_build_orchestrator.repos[0].license: "
        "'private' is read as the licence of a repository of one's own; suggestion: LicenseRef-Private",
        "stack_profiles.yaml:8:9: warning: profiles.web_fastapi_pg.preferred_repos[0]: no source and no "
        "section of repositories has autopack_core",
        "stack_profiles.yaml:18:9: warning: profiles.fullstack_rag.preferred_repos[0]: no source and no "
        "section of repositories has my_rag_template",
        "stack_profiles.yaml:19:9: warning: profiles.fullstack_rag.preferred_repos[1]: no source and no "
        "section of repositories has open_source_rag_boilerplate",
    ]
    assert Feature.objects.count() == StackProfile.objects.count() == 2
    assert SourceRepo.objects.get(repo_id="chatbot_project_orchestrator").ownership == "own"
    assert not FeatureSource.objects.usable().exists()
    reason = Feature.objects.order_by("slug")[0].history.first().history_change_reason
    assert reason == "Imported from feature_catalog.yaml, stack_profiles.yaml"


def test_a_preview_changes_nothing_and_says_what_would(catalog: FeatureCatalog, curator: Actor) -> None:
    preview = preview_import(catalog, MISSION)
    assert not Feature.objects.exists()
    done = import_files(catalog, MISSION, actor=curator, reason="First day")
    assert preview == done
    assert len(done.plan.changes) == 8
    assert preview_import(catalog, MISSION).plan.is_empty
    row = Feature.objects.order_by("slug")[0].history.first()
    assert row.history_change_reason.endswith("stack_profiles.yaml: First day")


def test_what_files_do_not_name_is_retired_or_kept(catalog: FeatureCatalog, curator: Actor) -> None:
    import_files(catalog, MISSION, actor=curator)
    smaller = [("f.yaml", b"features: {auth_basic: {}}")]
    import_files(catalog, smaller, actor=curator, is_complete=False)
    assert Feature.objects.active().count() == 2
    import_files(catalog, smaller, actor=curator)
    assert [feature.slug for feature in Feature.objects.active()] == ["auth_basic"]
    assert StackProfile.objects.active().count() == 2


def test_the_starter_catalog_is_exported_as_it_was_imported(
    catalog: FeatureCatalog, curator: Actor, tmp_path: Path
) -> None:
    names = ("feature_catalog.yaml", "stack_profiles.yaml")
    import_files(catalog, [(name, (STARTER / name).read_bytes()) for name in names], actor=curator)
    assert Feature.objects.count() == 431
    texts = export_catalog(catalog)
    assert find_differing(texts, STARTER) == []

    assert save_export(texts, tmp_path / "out") == list(names)
    assert save_export(texts, tmp_path / "out") == []
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == list(names)
    other = get_or_create_catalog("other", actor=curator)
    import_files(other, [(name, (tmp_path / "out" / name).read_bytes()) for name in names], actor=curator)
    assert export_catalog(other) == texts


@pytest.mark.slow
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(content=CONTENTS)
def test_any_catalog_is_exported_as_it_was_imported(
    content: CatalogContent, catalog: FeatureCatalog, curator: Actor
) -> None:
    files = [(name, text.encode()) for name, text in write_catalog(content).items()]
    import_files(catalog, files, actor=curator)
    first = export_catalog(catalog)
    again = [(name, text.encode()) for name, text in first.items()]
    assert import_files(catalog, again, actor=curator).plan.is_empty
    assert export_catalog(catalog) == first
    FeatureSource.objects.all().delete()
    Feature.objects.all().delete()
    StackProfile.objects.all().delete()
    SourceRepo.objects.all().delete()
