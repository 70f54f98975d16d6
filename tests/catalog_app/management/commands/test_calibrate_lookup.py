"""Fitting how sure lookup is, from the command line."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog_app.lookup.encoder.forward import WIDTH
from catalog_app.lookup.judging import read_models
from catalog_app.management.commands import calibrate_lookup
from catalog_app.services.sealing import changing
from tests.support.catalog_factories import CatalogFactory, FeatureFactory
from tests.support.lookup import WordEncoder, use_encoder

pytestmark = pytest.mark.django_db


def test_without_weights_there_is_nothing_to_fit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(calibrate_lookup, "load_encoder", lambda: None)
    with pytest.raises(CommandError, match="weights are not installed"):
        call_command("calibrate_lookup", str(tmp_path / "x"))


def test_of_few_requests_nothing_is_learned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(calibrate_lookup, "load_encoder", WordEncoder)
    catalog = CatalogFactory.create()
    with changing([catalog]) as changes:
        changes.touch([FeatureFactory.create(catalog=catalog, slug="badge")])
    path = tmp_path / "labels.jsonl"
    lines = [{"query": f"badge {n}", "gold": ["badge"]} for n in range(12)]
    lines += [{"query": f"zebra {n}", "gold": []} for n in range(9)]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    with pytest.raises(CommandError, match=r"at least 10 requests.* there are 12 and 9"):
        call_command("calibrate_lookup", str(path), "--output", str(tmp_path / "out.json"))
    assert not (tmp_path / "out.json").exists()


def test_it_writes_four_models_and_says_what_they_were_fitted_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    encoder = WordEncoder()
    use_encoder(monkeypatch, encoder)
    monkeypatch.setattr(calibrate_lookup, "load_encoder", lambda: encoder)
    catalog = CatalogFactory.create()
    names = [
        "badge",
        "invoice",
        "parcel",
        "ticket",
        "ladder",
        "garden",
        "camera",
        "violin",
        "magnet",
        "harbour",
    ]
    with changing([catalog]) as changes:
        changes.touch(
            [FeatureFactory.create(catalog=catalog, slug=n, title=n, description="") for n in names]
        )
    lines = [{"query": f"the {name} for us", "gold": [name], "terms": [name]} for name in names]
    lines += [{"query": f"{name} and more", "gold": [], "terms": ["zebra"]} for name in names]
    path, output = tmp_path / "labels.jsonl", tmp_path / "out.json"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    out = StringIO()

    call_command("calibrate_lookup", str(path), "--output", str(output), stdout=out)

    written = json.loads(output.read_text())
    assert set(read_models(written["models"])) == {"quote", "terms", "quote_by_words", "terms_by_words"}
    assert written["fitted_to"] == "labels.jsonl"
    assert len(written["foreign"]) == WIDTH
    assert "terms: F1 of no answer" in out.getvalue()
