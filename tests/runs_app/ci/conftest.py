"""A bench under each isolation that this machine has."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from runs_app.ci.types import Isolation
from tests.support.ci_bench import Bench, make_bench

ROOT = Path(__file__).resolve().parents[3]
BUILD = Path.home() / ".cache" / "autopack-tests" if ROOT.is_relative_to("/tmp") else ROOT / "build"
"""Not below /tmp: that is private to a step anyway, so that nothing more need be hidden there."""


@pytest.fixture(params=list(Isolation))
def isolation(request: pytest.FixtureRequest) -> Isolation:
    isolation: Isolation = request.param
    return isolation


@pytest.fixture
def bench(tmp_path: Path, isolation: Isolation) -> Bench:
    """Under every isolation, and under none."""
    return make_bench(tmp_path / "home", isolation)


@pytest.fixture(params=[Isolation.BUBBLEWRAP, Isolation.UNSHARE])
def isolated_bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Under every isolation that is one, with its home hidden."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ci-", dir=BUILD) as name:
        bench = make_bench(Path(name) / "home", request.param)
        bench.hidden_paths = [bench.home]
        yield bench


@pytest.fixture(params=[Isolation.BUBBLEWRAP, Isolation.UNSHARE])
def isolated_bench_in_tmp(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """The same in the machine's folder for temporary files."""
    assert tmp_path.is_relative_to("/tmp")
    bench = make_bench(tmp_path / "home", request.param)
    bench.hidden_paths = [bench.home]
    return bench
