"""A bench under each isolation that this machine has."""

from pathlib import Path

import pytest

from runs_app.ci.types import Isolation
from tests.support.ci_bench import Bench, make_bench


@pytest.fixture(params=list(Isolation))
def isolation(request: pytest.FixtureRequest) -> Isolation:
    isolation: Isolation = request.param
    return isolation


@pytest.fixture
def bench(tmp_path: Path, isolation: Isolation) -> Bench:
    """Under every isolation, and under none."""
    return make_bench(tmp_path / "home", isolation)


@pytest.fixture(params=[Isolation.BUBBLEWRAP, Isolation.UNSHARE])
def isolated_bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Under every isolation that is one, with its home hidden."""
    bench = make_bench(tmp_path / "home", request.param)
    bench.hidden_paths = [bench.home]
    return bench
