from pathlib import Path

import pytest

from tests.support.upstreams import Upstreams


@pytest.fixture
def upstreams(tmp_path: Path) -> Upstreams:
    (tmp_path / "upstream").mkdir()
    return Upstreams(tmp_path / "upstream", tmp_path / "mirrors")
