"""The vectors of a catalog's texts: made a batch at a time, kept, and made anew only for texts that are new.

It may be killed at any moment and begun again: a batch is there or it is not. No transaction is held while
texts are encoded.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from catalog_app.lookup.encoder.forward import WIDTH
from catalog_app.lookup.encoder.loading import Encoder, load_encoder
from catalog_app.lookup.index import PackedVectors
from catalog_app.lookup.texts import DIGEST_BYTES, FeatureTexts, digest_text
from catalog_app.models import Feature, FeatureCatalog, FeatureVectors, LookupIndex
from catalog_app.selectors.lookup import TEXT_FIELDS, VECTOR_TYPE, Packed, texts_of, unpack_vectors
from catalog_app.services.queue import defer_index

logger = logging.getLogger(__name__)

_LOCK = 0x4C6F6F6B
"""Of all advisory locks those of this module; the second number is the catalog."""
_BATCH = 200
"""Texts that are encoded and written at once: about a second's work."""

Progress = Callable[[int, int], None]
"""Told how many of how many texts have a vector."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """What one refresh did: texts in all, and those it encoded."""

    text_count: int
    encoded_count: int


@dataclass(frozen=True, slots=True)
class _Due:
    """A feature whose vectors are not those of its texts; `missing_count` of these have none."""

    pk: int
    texts: FeatureTexts
    missing_count: int


@dataclass(slots=True)
class _Backlog:
    """What there is to do."""

    features: list[_Due] = field(default_factory=list)
    total_count: int = 0

    @property
    def done_count(self) -> int:
        return self.total_count - sum(due.missing_count for due in self.features)


def refresh_index(catalog: FeatureCatalog, progress: Progress | None = None) -> Indexed:
    """Give every text of the catalog its vector, and take away those of features that are retired. Safe to
    repeat, and anywhere at once: whoever comes second waits, and finds it done.

    Without an encoder it only notes that there is none.
    """
    encoder = load_encoder()
    with _alone(catalog):
        return _refresh(catalog, encoder, progress or _tell_nobody)


def build_index(catalog_pk: int) -> None:
    """The worker's part: refresh the index of a catalog, if it is still there."""
    catalog = FeatureCatalog.objects.filter(pk=catalog_pk).first()
    if catalog is not None:
        refresh_index(catalog)


def requeue_indexes() -> int:
    """Queue the index of every catalog that has changed since it was gone through last, or whose vectors are
    another encoder's. Returns how many were not queued already."""
    encoder = load_encoder()
    current = LookupIndex.objects.filter(
        engine=encoder.engine if encoder else "", catalog_version=F("catalog__version")
    ).exclude(finished_at=None)
    behind = FeatureCatalog.objects.exclude(pk__in=current.values("catalog"))
    return sum(defer_index(pk) for pk in behind.values_list("pk", flat=True))


def _refresh(catalog: FeatureCatalog, encoder: Encoder | None, tell: Progress) -> Indexed:
    version = FeatureCatalog.objects.values_list("version", flat=True).get(pk=catalog.pk)
    engine = encoder.engine if encoder else ""
    backlog = _find_backlog(catalog, engine)
    done = 0 if encoder is None else backlog.done_count
    _begin(catalog, engine, backlog.total_count, done)
    tell(done, backlog.total_count)
    encoded = 0
    if encoder is not None:
        for batch in _batches(backlog.features):
            encoded += _encode_batch(catalog, encoder, batch)
            done += sum(due.missing_count for due in batch)
            tell(done, backlog.total_count)
    LookupIndex.objects.filter(catalog=catalog).update(catalog_version=version, finished_at=timezone.now())
    return Indexed(backlog.total_count, encoded)


def _tell_nobody(_done: int, _total: int) -> None:
    pass


def _find_backlog(catalog: FeatureCatalog, engine: str) -> _Backlog:
    backlog = _Backlog()
    rows = FeatureVectors.objects.filter(feature__catalog=catalog, engine=engine)
    known = dict(rows.values_list("feature", "digests"))
    features = Feature.objects.active().filter(catalog=catalog).only(*TEXT_FIELDS).order_by("pk")
    for feature in features.iterator(chunk_size=1_000):
        texts = texts_of(feature)
        digests = {digest_text(text) for text in texts.encoded}
        stored = _split_digests(known.get(feature.pk, b""))
        backlog.total_count += len(digests)
        if digests != stored:
            backlog.features.append(_Due(feature.pk, texts, len(digests - stored)))
    return backlog


def _split_digests(digests: Packed) -> set[bytes]:
    return {bytes(digests[place : place + DIGEST_BYTES]) for place in range(0, len(digests), DIGEST_BYTES)}


@transaction.atomic
def _begin(catalog: FeatureCatalog, engine: str, total: int, done: int) -> None:
    """Note what there is to do, and take away the vectors of features that are retired."""
    counted = {"engine": engine, "total_count": total, "done_count": done}
    LookupIndex.objects.update_or_create(
        catalog=catalog, defaults={**counted, "started_at": timezone.now(), "finished_at": None}
    )
    FeatureVectors.objects.filter(feature__catalog=catalog, feature__retired_at__isnull=False).delete()


def _batches(features: Sequence[_Due]) -> Iterator[list[_Due]]:
    batch: list[_Due] = []
    count = 0
    for due in features:
        batch.append(due)
        count += len(due.texts.encoded)
        if count >= _BATCH:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _encode_batch(catalog: FeatureCatalog, encoder: Encoder, batch: Sequence[_Due]) -> int:
    """Returns how many texts were encoded; what several features say is encoded once."""
    rows = FeatureVectors.objects.filter(feature__in=[due.pk for due in batch], engine=encoder.engine)
    known: dict[bytes, PackedVectors] = {}
    for digests, vectors in rows.values_list("digests", "vectors"):
        known |= unpack_vectors(digests, vectors)
    wanted = {digest_text(text): text for due in batch for text in due.texts.encoded}
    new = {digest: text for digest, text in wanted.items() if digest not in known}
    # Of like length together, which is what the encoder is fastest with.
    order = sorted(new, key=lambda digest: (len(new[digest]), digest))
    encoded = encoder.encode([new[digest] for digest in order]).astype(VECTOR_TYPE)
    known.update(zip(order, encoded, strict=True))
    _write_batch(catalog, encoder.engine, batch, known)
    return len(new)


@transaction.atomic
def _write_batch(
    catalog: FeatureCatalog,
    engine: str,
    batch: Sequence[_Due],
    known: dict[bytes, PackedVectors],
) -> None:
    index = LookupIndex.objects.select_for_update().get(catalog=catalog)
    index.revision += 1
    index.done_count += sum(due.missing_count for due in batch)
    index.save(update_fields=["revision", "done_count"])
    FeatureVectors.objects.bulk_create(
        [_pack(due.pk, due.texts, engine, index.revision, known) for due in batch],
        update_conflicts=True,
        unique_fields=["feature"],
        update_fields=["engine", "revision", "digests", "vectors"],
    )


def _pack(
    pk: int, texts: FeatureTexts, engine: str, revision: int, known: dict[bytes, PackedVectors]
) -> FeatureVectors:
    digests = list(dict.fromkeys(digest_text(text) for text in texts.encoded))
    vectors = b"".join(known[digest].tobytes() for digest in digests)
    assert len(vectors) == len(digests) * WIDTH * VECTOR_TYPE.itemsize
    return FeatureVectors(
        feature_id=pk, engine=engine, revision=revision, digests=b"".join(digests), vectors=vectors
    )


@contextmanager
def _alone(catalog: FeatureCatalog) -> Iterator[None]:
    """A lock of the session: it ends with the connection, so also with a process that is killed."""
    numbers = [_LOCK, catalog.pk % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", numbers)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", numbers)
