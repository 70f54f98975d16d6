"""`python -m tests.benchmarks`: a table, `build/bench.json` with all figures, status 1 for a missed bound."""

import argparse
import json
import platform
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.apply import Concurrent, Sequential, Timings, measure_concurrent, measure_sequential
from tests.benchmarks.corpora import BUNDLES_VARIABLE, Corpus, load_corpora


@dataclass(frozen=True)
class Bound:
    """A promise about a ratio of medians, or of rates."""

    name: str
    value: float
    limit: float
    is_upper: bool

    @property
    def is_met(self) -> bool:
        return self.value <= self.limit if self.is_upper else self.value >= self.limit


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--patches", type=int, default=100, help="commits per repository")
    parser.add_argument("--writers", type=int, default=8, help="concurrent writers")
    parser.add_argument("--patches-per-writer", type=int, default=12)
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"))
    options = parser.parse_args(arguments)
    console = Console(width=110)
    with tempfile.TemporaryDirectory(prefix="autopack-bench-") as folder:
        work = Path(folder)
        with console.status(f"Preparing repositories (bundles from ${BUNDLES_VARIABLE} if it is set)"):
            corpora = load_corpora(work, options.patches)
        with console.status(f"Applying the patches of {len(corpora)} repositories in three ways each"):
            sequential = measure_sequential(corpora, work)
        largest = corpora[-1]
        with console.status(f"{options.writers} writers at once on {largest.name}"):
            concurrent = measure_concurrent(largest, work, options.writers, options.patches_per_writer)
    bounds = _bounds(corpora, sequential, concurrent)
    _print(console, corpora, sequential, concurrent, bounds)
    _write_json(options.output, corpora, sequential, concurrent, bounds)
    return 0 if all(bound.is_met for bound in bounds) else 1


def _bounds(
    corpora: Sequence[Corpus], sequential: dict[str, Sequential], concurrent: Concurrent
) -> list[Bound]:
    small, large = corpora[0].name, corpora[-1].name
    bounds = [
        Bound(f"governed / git am on {small}", _ratio(sequential[small]), 0.6, is_upper=True),
        Bound(f"governed / git am on {large}", _ratio(sequential[large]), 0.10, is_upper=True),
        Bound(
            f"governed on {large} / on {small}",
            _median(sequential[large].governed) / _median(sequential[small].governed),
            1.5,
            is_upper=True,
        ),
        Bound(
            f"{concurrent.writers} writers on {large}: governed / git am",
            concurrent.governed / concurrent.git_am,
            10,
            is_upper=False,
        ),
    ]
    wrong = concurrent.wrong_trees + sum(
        result.governed.wrong_trees + result.durable.wrong_trees for result in sequential.values()
    )
    bounds.append(Bound("trees unlike upstream's", wrong, 0, is_upper=True))
    return bounds


def _print(
    console: Console,
    corpora: Sequence[Corpus],
    sequential: dict[str, Sequential],
    concurrent: Concurrent,
    bounds: Sequence[Bound],
) -> None:
    table = Table(title="Governed apply: milliseconds per patch, ratio to `git am` in a checkout")
    for heading in ("repository", "files", "patches", "way", "median", "p90", "ratio", "wrong trees"):
        table.add_column(heading, justify="left" if heading in ("repository", "way") else "right")
    for corpus in corpora:
        result = sequential[corpus.name]
        for way, timings in (
            ("git am in a checkout", result.git_am),
            ("governed, without fsync", result.governed),
            ("governed, durable (default)", result.durable),
        ):
            table.add_row(
                corpus.name,
                f"{corpus.file_count:,}",
                str(len(timings.milliseconds)),
                way,
                f"{_median(timings):.1f}",
                f"{statistics.quantiles(timings.milliseconds, n=10)[-1]:.1f}",
                f"{_median(timings) / _median(result.git_am):.3f}",
                str(timings.wrong_trees),
            )
        table.add_section()
    console.print(table)
    rates = Table(
        title=f"{concurrent.writers} writers on {concurrent.writers} branches of {corpora[-1].name}"
    )
    for heading in ("way", "patches per second", "ratio"):
        rates.add_column(heading, justify="left" if heading == "way" else "right")
    for way, rate in (
        ("git am in as many work trees", concurrent.git_am),
        ("governed, without fsync", concurrent.governed),
        ("governed, durable (default)", concurrent.durable),
    ):
        rates.add_row(way, f"{rate:.1f}", f"{rate / concurrent.git_am:.1f}")
    console.print(rates)
    for bound in bounds:
        verdict = "[green]pass[/]" if bound.is_met else "[red]FAIL[/]"
        sign = "≤" if bound.is_upper else "≥"
        console.print(f"{verdict}  {bound.name}: {bound.value:.3g} (bound {sign} {bound.limit:g})")
    for corpus in corpora:
        cost = _median(sequential[corpus.name].durable) / _median(sequential[corpus.name].governed)
        console.print(f"      durability on {corpus.name} costs a factor of {cost:.2f}")


def _write_json(
    path: Path,
    corpora: Sequence[Corpus],
    sequential: dict[str, Sequential],
    concurrent: Concurrent,
    bounds: Sequence[Bound],
) -> None:
    document = {
        "machine": {"python": platform.python_version(), "system": platform.platform()},
        "repositories": {
            corpus.name: {"files": corpus.file_count, **asdict(sequential[corpus.name])} for corpus in corpora
        },
        "concurrent": asdict(concurrent),
        "bounds": [{**asdict(bound), "is_met": bound.is_met} for bound in bounds],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1))


def _median(timings: Timings) -> float:
    return statistics.median(timings.milliseconds)


def _ratio(result: Sequential) -> float:
    return _median(result.governed) / _median(result.git_am)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
