"""Measure lookup on labelled requests."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import IO, Any, cast

import psutil
from django.core.management.base import CommandError
from rich.console import Console
from rich.table import Table

from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from catalog_app.lookup.encoder.loading import load_encoder
from catalog_app.lookup.evaluating import Answered, Figures, evaluate
from catalog_app.lookup.labelled import LabelledRequest
from catalog_app.management.labelled_files import read_labelled_file
from catalog_app.models import FeatureCatalog
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.selectors.fulltext import AnyWord, find_matching_all
from catalog_app.selectors.lookup import look_up
from catalog_app.services.indexing import refresh_index

_SHOWN = (
    ("recall@1", "recall_at_1"),
    ("recall@5", "recall_at_5"),
    ("recall@10", "recall_at_10"),
    ("MRR", "mrr"),
    ("no answer: precision", "no_answer_precision"),
    ("no answer: recall", "no_answer_recall"),
    ("no answer: F1", "no_answer_f1"),
    ("false rejects", "false_reject_rate"),
    ("precision of a match", "match_precision"),
    ("several features: recall@10", "multi_recall_at_10"),
    ("p50 ms", "p50_ms"),
    ("p95 ms", "p95_ms"),
)


class Command(LeanCommand):
    help = (
        "Measure lookup on a file of labelled requests: one JSON object a line with query, gold (a list of "
        "slugs; empty: nothing fits) and, if there are any, terms. The index is brought up to date first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true", help="the figures as JSON in the last line")
        parser.add_argument("--catalog", default=DEFAULT_CATALOG, help=f"({DEFAULT_CATALOG})")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            catalog = get_catalog(options["catalog"])
            requests = read_labelled_file(options["file"], catalog)
        except AutopackError as error:
            raise CommandError(error.detail) from error
        # The table is rich's business; lines have their end already.
        self.stdout.ending = ""
        console = Console(file=cast(IO[str], self.stdout), highlight=False)
        memory, started = _memory_mb(), time.perf_counter()
        indexed = refresh_index(catalog)
        built = time.perf_counter() - started
        outcome = look_up(catalog, [requests[0].part(with_terms=True)])
        quotes = _measure(catalog, requests, with_terms=False)
        terms = _measure(catalog, [r for r in requests if r.terms], with_terms=True)
        of_index = {
            "engine": outcome.engine,
            "catalog_version": outcome.catalog_version,
            "state": outcome.state.text,
            "index_seconds": round(built, 2),
            "text_count": indexed.text_count,
            "encoded_count": indexed.encoded_count,
            "memory_mb": round(_memory_mb() - memory, 1),
        }
        baselines = _measure_full_text(catalog, requests)
        _print(console, quotes, terms, of_index, baselines)
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(quotes, terms, of_index, baselines)) + "\n")


def _measure(catalog: FeatureCatalog, requests: Sequence[LabelledRequest], *, with_terms: bool) -> Figures:
    """One request after the other, each alone, as a caller would wait for it."""
    if encoder := load_encoder():
        encoder.forget_requests()
    answered = []
    for request in requests:
        started = time.perf_counter()
        outcome = look_up(catalog, [request.part(with_terms=with_terms)])
        milliseconds = (time.perf_counter() - started) * 1000
        answered.append(Answered(request, outcome.answers[0], milliseconds))
    return evaluate(answered)


def _measure_full_text(
    catalog: FeatureCatalog, requests: Sequence[LabelledRequest]
) -> dict[str, dict[str, float | None]]:
    any_word = AnyWord(catalog)
    ways: dict[str, Callable[[str], Sequence[str]]] = {
        "full_text_all_words": lambda text: find_matching_all(catalog, text, 10),
        "full_text_any_word": lambda text: any_word.find(text, 10),
    }
    return {name: _recalls(requests, find) for name, find in ways.items()}


def _recalls(
    requests: Sequence[LabelledRequest], find: Callable[[str], Sequence[str]]
) -> dict[str, float | None]:
    single = [request for request in requests if request.is_single]
    found = [(list(find(request.quote)), next(iter(request.gold))) for request in single]
    return {
        f"recall_at_{count}": round(fmean(gold in slugs[:count] for slugs, gold in found), 4)
        if found
        else None
        for count in (1, 5, 10)
    }


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 1e6


def _print(
    console: Console,
    quotes: Figures,
    terms: Figures,
    of_index: dict[str, Any],
    baselines: dict[str, dict[str, float | None]],
) -> None:
    table = Table()
    for title in ("", "request alone", "with terms", *(name.replace("_", " ") for name in baselines)):
        table.add_column(title, justify="left" if not title else "right")
    for title, name in _SHOWN:
        of_baselines = [_show(figures[name]) if name in figures else "" for figures in baselines.values()]
        table.add_row(title, *(_show(getattr(figures, name)) for figures in (quotes, terms)), *of_baselines)
    for name in ("single", "none", "multi"):
        table.add_row(f"requests: {name}", *(str(getattr(f, f"{name}_count")) for f in (quotes, terms)))
    console.print(table)
    console.print(
        "{engine}; {text_count} texts, {encoded_count} of them encoded now, in {index_seconds} s; "
        "{memory_mb} MB more memory. {state}".format_map(of_index),
        soft_wrap=True,
    )


def _show(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.3f}"  # noqa: RUF001  # a dash for no figure


def _as_json(
    quotes: Figures, terms: Figures, of_index: dict[str, Any], baselines: dict[str, dict[str, float | None]]
) -> dict[str, Any]:
    return {
        **asdict(quotes),
        **{f"{name}_with_terms": value for name, value in asdict(terms).items()},
        **of_index,
        **baselines,
    }
