"""A place of local repositories that this Autopack fetches from."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.support.curation import Curation


@pytest.fixture
def curation(transactional_db: None, settings: LazySettings, tmp_path: Path) -> Curation:
    """The queue is empty: its tables are not flushed with the others."""
    ProcrastinateJob.objects.all().delete()
    (tmp_path / "upstream").mkdir()
    settings.FETCH_ROOTS = [tmp_path / "upstream"]
    settings.AUTOPACK_HOME = tmp_path / "home"
    return Curation(tmp_path / "upstream")
