"""Vectors for a catalog of any size, made without encoding each of its texts."""

from collections.abc import Iterator, Sequence

import numpy as np
from django.db import connection

from catalog_app.lookup.encoder.forward import WIDTH
from catalog_app.lookup.encoder.loading import Encoder
from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.texts import digest_text
from catalog_app.models import Feature, FeatureCatalog, FeatureVectors, LookupIndex
from catalog_app.selectors.lookup import TEXT_FIELDS, VECTOR_TYPE, texts_of
from tests.support.catalog_factories import START

PHRASES = 8
_NOISE = 0.6
"""As far from its alias as two ways to ask for one feature are from each other."""
_BATCH = 1_000

_SAY = """
UPDATE catalog_app_feature SET request_phrases = ARRAY(
    SELECT 'people want ' || aliases[1] || ' of kind ' || n || ' for ' || slug
    FROM generate_series(1, %s) AS n
) WHERE catalog_id = %s
"""


def fill_vectors(catalog: FeatureCatalog, encoder: Encoder) -> int:
    """Give every feature of `fill_catalog` eight request phrases, and each of its texts a vector near that of
    its alias. Only the aliases, which are few, are encoded. Returns the number of vectors."""
    with connection.cursor() as cursor:
        cursor.execute(_SAY, [PHRASES, catalog.pk])
    features = Feature.objects.active().filter(catalog=catalog).only(*TEXT_FIELDS)
    rows = list(features.order_by("pk"))
    aliases = sorted({feature.aliases[0] for feature in rows})
    centres = dict(zip(aliases, encoder.encode(aliases), strict=True))
    random = np.random.default_rng(4)
    count = 0
    for batch in _batches(rows):
        packed = [_pack(feature, encoder.engine, centres[feature.aliases[0]], random) for feature in batch]
        FeatureVectors.objects.bulk_create(packed)
        count += sum(len(row.vectors) for row in packed) // (WIDTH * VECTOR_TYPE.itemsize)
    done = {"engine": encoder.engine, "revision": 1, "total_count": count, "done_count": count}
    LookupIndex.objects.update_or_create(
        catalog=catalog,
        defaults={**done, "catalog_version": catalog.version, "started_at": START, "finished_at": START},
    )
    return count


def _batches(features: Sequence[Feature]) -> Iterator[Sequence[Feature]]:
    for start in range(0, len(features), _BATCH):
        yield features[start : start + _BATCH]


def _pack(feature: Feature, engine: str, centre: Array, random: np.random.Generator) -> FeatureVectors:
    digests = list(dict.fromkeys(digest_text(text) for text in texts_of(feature).encoded))
    noise = random.standard_normal((len(digests), WIDTH), np.float32) / np.sqrt(np.float32(WIDTH))
    vectors = centre + np.float32(_NOISE) * noise
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return FeatureVectors(
        feature=feature,
        engine=engine,
        revision=1,
        digests=b"".join(digests),
        vectors=vectors.astype(VECTOR_TYPE).tobytes(),
    )
