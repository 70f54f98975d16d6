"""Measuring lookup from the command line."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog_app.management.commands import evaluate_lookup
from catalog_app.services.sealing import changing
from tests.support.catalog_factories import CatalogFactory, FeatureFactory
from tests.support.lookup import WordEncoder, use_encoder

pytestmark = pytest.mark.django_db

KEYS = {
    "recall_at_1",
    "recall_at_5",
    "recall_at_10",
    "mrr",
    "no_answer_f1",
    "false_reject_rate",
    "p50_ms",
    "p95_ms",
}


@pytest.fixture(autouse=True)
def _catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    use_encoder(monkeypatch, WordEncoder())
    monkeypatch.setattr(evaluate_lookup, "load_encoder", lambda: None)
    catalog = CatalogFactory.create()
    for slug, title in (("login", "Password login"), ("invoices", "Invoices for customers")):
        feature = FeatureFactory.create(catalog=catalog, slug=slug, title=title, description="")
        with changing([catalog]) as changes:
            changes.touch([feature])


def write(path: Path, *entries: object) -> Path:
    path.write_text("\n".join(json.dumps(entry) for entry in entries))
    return path


def test_lines_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.jsonl", {"query": "x", "gold": ["nothing"]}, {"query": 1, "gold": []})
    with pytest.raises(CommandError) as refused:
        call_command("evaluate_lookup", str(path))
    assert f"{path}: line 1: the catalog has no feature nothing" in str(refused.value)
    assert "line 2: query must be" in str(refused.value)
    assert refused.value.returncode == 1


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError, match=r"No such file|Is a directory"):
        call_command("evaluate_lookup", str(tmp_path / name))


def test_a_catalog_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no catalog 'other'"):
        call_command("evaluate_lookup", str(tmp_path / "x"), "--catalog", "other")


def test_it_builds_the_index_and_ends_with_the_figures(tmp_path: Path) -> None:
    path = write(
        tmp_path / "good.jsonl",
        {"query": "a password for login", "gold": ["login"], "terms": ["password login"]},
        {"query": "customers want invoices", "gold": ["invoices"]},
        {"query": "entirely unheard of", "gold": []},
        {"query": "login and invoices", "gold": ["login", "invoices"]},
    )
    out = StringIO()
    call_command("evaluate_lookup", str(path), "--json", stdout=out)
    text = out.getvalue()
    figures = json.loads(text.splitlines()[-1])
    assert KEYS | {f"{key}_with_terms" for key in KEYS} <= figures.keys()
    assert (figures["recall_at_1"], figures["recall_at_1_with_terms"]) == (1.0, 1.0)
    assert (figures["single_count"], figures["none_count"], figures["multi_count"]) == (2, 1, 1)
    assert figures["single_count_with_terms"] == 1
    assert (figures["multi_recall_at_10"], figures["multi_recall_at_10_with_terms"]) == (1.0, None)
    assert figures["no_answer_f1_with_terms"] is None
    assert "–" in text  # noqa: RUF001  # the dash of no figure
    assert (figures["text_count"], figures["encoded_count"]) == (4, 4)
    assert figures["full_text_any_word"]["recall_at_1"] == 1.0
    assert figures["full_text_all_words"]["recall_at_1"] == 0.5
    assert "recall@1" in text
