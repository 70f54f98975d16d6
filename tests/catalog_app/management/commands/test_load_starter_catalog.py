"""`manage.py load_starter_catalog`."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog_app.choices import SourceStatus
from catalog_app.models import Feature, FeatureCatalog, FeatureSource, StackProfile
from tests.support import catalog_factories as make

pytestmark = pytest.mark.django_db
EXAMPLES = Path(settings.BASE_DIR) / "docs" / "examples"


def test_a_catalog_that_there_is_is_never_touched(capsys: pytest.CaptureFixture[str]) -> None:
    make.CatalogFactory.create(slug="mine")
    call_command("load_starter_catalog")
    assert capsys.readouterr() == ("", "")
    assert not Feature.objects.exists()


def test_files_that_are_not_there_are_said_and_stop_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_starter_catalog", "--from", str(tmp_path))
    out, err = capsys.readouterr()
    assert (out, err) == (
        "",
        f"No starter catalog: {tmp_path}/feature_catalog.yaml: No such file or directory.\n",
    )
    assert not FeatureCatalog.objects.exists()


def test_files_with_problems_leave_no_catalog_behind(tmp_path: Path) -> None:
    (tmp_path / "feature_catalog.yaml").write_text("features: {a: {requires: [b]}}")
    (tmp_path / "stack_profiles.yaml").write_text("profiles: {}")
    with pytest.raises(CommandError, match=r"feature_catalog.yaml:1:27: error: features.a.requires\[0\]"):
        call_command("load_starter_catalog", "--from", str(tmp_path))
    assert not FeatureCatalog.objects.exists()


def test_the_first_start_has_a_catalog_of_declared_sources(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_starter_catalog")
    assert capsys.readouterr().out == (
        f"Starter catalog: 431 features, {FeatureSource.objects.count()} sources and "
        f"{StackProfile.objects.count()} stack profiles, declared and not verified.\n"
    )
    catalog = FeatureCatalog.objects.get()
    assert (catalog.slug, catalog.title) == ("main", "Starter catalog")
    assert Feature.objects.active().count() == 431
    assert {source.status for source in FeatureSource.objects.all()} == {SourceStatus.DECLARED}
    assert not FeatureSource.objects.usable().exists()
    plans = [path.read_text() for path in EXAMPLES.glob("*/plan.md")]
    assert plans
    assert all(f"| Catalog main | `{catalog.digest}` |" in plan for plan in plans), "to be made anew"
    call_command("load_starter_catalog")
    assert capsys.readouterr() == ("", "")
