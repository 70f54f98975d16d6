"""The shipped phrases and coefficients on a part of the calibration set: that lookup stays as good as it is.

The whole set, and others, are for `manage.py evaluate_lookup`.
"""

from pathlib import Path

import numpy as np
import pytest
import yaml

from catalog_app.choices import LookupBand
from catalog_app.lookup.answering import answer
from catalog_app.lookup.encoder.loading import load_encoder
from catalog_app.lookup.index import CatalogIndex
from catalog_app.lookup.labelled import LabelledRequest, read_labelled
from catalog_app.lookup.texts import FeatureTexts

FOLDER = Path(__file__).resolve().parents[3] / "catalog"


@pytest.fixture(scope="module")
def features() -> list[FeatureTexts]:
    read = yaml.load((FOLDER / "feature_catalog.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [
        FeatureTexts(
            slug, f["title"], f["description"], *(tuple(f.get(k, ())) for k in ("aliases", "tags", "phrases"))
        )
        for slug, f in read["features"].items()
    ]


@pytest.fixture(scope="module")
def requests(features: list[FeatureTexts]) -> list[LabelledRequest]:
    text = (FOLDER / "lookup_calibration.jsonl").read_text(encoding="utf-8")
    return read_labelled(text, known={texts.slug for texts in features})


def test_by_words_alone_most_requests_are_found(
    features: list[FeatureTexts], requests: list[LabelledRequest]
) -> None:
    index = CatalogIndex().changed([(texts, None) for texts in features])
    single = [request for request in requests if request.is_single]
    for with_terms, least in ((False, 0.8), (True, 0.96)):
        parts = [request.part(with_terms=with_terms) for request in single]
        answers = answer(index, parts, encoder=None, limit=1)
        right = sum(
            found.candidates != () and found.candidates[0].slug in request.gold
            for found, request in zip(answers, single, strict=True)
        )
        assert right / len(single) >= least


@pytest.mark.slow
def test_with_vectors_nearly_all_requests_are_found(
    features: list[FeatureTexts], requests: list[LabelledRequest]
) -> None:
    """On the features that every thirteenth request means, and their neighbours in the catalog."""
    encoder = load_encoder()
    if encoder is None:
        pytest.skip("the weights are not installed")
    asked = [request for request in requests if request.is_single][::13]
    wanted = {slug for request in asked for slug in request.gold}
    chosen = [t for number, t in enumerate(features) if t.slug in wanted or number % 13 == 0]
    vectors = encoder.encode([text for texts in chosen for text in texts.encoded]).astype(np.float16)
    ends = np.cumsum([len(texts.encoded) for texts in chosen])[:-1]
    index = CatalogIndex().changed(zip(chosen, np.split(vectors, ends), strict=True))
    answers = answer(index, [r.part(with_terms=False) for r in asked], encoder=encoder)
    right = sum(f.candidates[0].slug in r.gold for f, r in zip(answers, asked, strict=True))
    rejected = sum(found.band is LookupBand.NONE for found in answers)
    assert right / len(asked) >= 0.9
    assert rejected / len(asked) <= 0.08
