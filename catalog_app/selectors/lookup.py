"""Looking features up by what somebody wants.

Each process keeps the catalogs that it was asked about in memory, and before every answer asks the database
whether they are still as they were; what has changed since is read anew, and nothing else.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import numpy as np

from catalog_app.lookup.answering import RequestEncoder, answer, ask, name_engine
from catalog_app.lookup.encoder.forward import WIDTH
from catalog_app.lookup.encoder.loading import Encoder, load_encoder
from catalog_app.lookup.index import CatalogIndex, PackedVectors
from catalog_app.lookup.results import MOST_CANDIDATES, LookupAnswer, LookupPart, LookupState
from catalog_app.lookup.scoring import Ranking, rank
from catalog_app.lookup.texts import DIGEST_BYTES, FeatureTexts, digest_text
from catalog_app.models import Feature, FeatureCatalog, FeatureVectors, LookupIndex

Packed: TypeAlias = bytes | memoryview
VECTOR_TYPE = np.dtype("<f2")
_MOST_CATALOGS = 8
_MOST_ANSWERS = 2_000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class LookupOutcome:
    """`answers` in the order of the parts. They follow from parts, catalog, engine and gaps alone: `gaps`
    stands for the features that have no vectors yet, "" for none."""

    answers: Sequence[LookupAnswer]
    state: LookupState
    catalog_version: int
    engine: str
    gaps: str = ""


def look_up(
    catalog: FeatureCatalog, parts: Sequence[LookupPart], *, limit: int = MOST_CANDIDATES
) -> LookupOutcome:
    """Which features of the catalog the parts mean, with at most `limit` candidates for each."""
    encoder = load_encoder()
    loaded = _shelf.take(catalog.pk).refresh(encoder)
    return LookupOutcome(
        answers=loaded.given.answer(loaded.index, parts, encoder=encoder, limit=limit),
        state=loaded.state(encoder),
        catalog_version=loaded.catalog_version,
        engine=name_engine(encoder),
        gaps=loaded.gaps if encoder else "",
    )


def rank_requests(
    catalog: FeatureCatalog, parts: Sequence[LookupPart], *, with_vectors: bool
) -> list[Ranking]:
    """How the features fit, before anybody judges it: what calibration is fitted to."""
    encoder = load_encoder()
    index = _shelf.take(catalog.pk).refresh(encoder).index
    return rank(index, ask(parts, encoder if with_vectors else None))


class GivenAnswers:
    """What a catalog in one state has answered, as far as it was asked for last: a plan that is being put
    together asks for the same with every step."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[LookupPart, int], LookupAnswer] = OrderedDict()
        self._lock = threading.Lock()

    def answer(
        self, index: CatalogIndex, parts: Sequence[LookupPart], *, encoder: RequestEncoder | None, limit: int
    ) -> list[LookupAnswer]:
        """One for each part; what was not asked before, and each only once, is looked up."""
        with self._lock:
            found = {part: kept for part in parts if (kept := self._kept.get((part, limit)))}
        new = list(dict.fromkeys(part for part in parts if part not in found))
        found |= zip(new, answer(index, new, encoder=encoder, limit=limit), strict=True)
        with self._lock:
            for part in dict.fromkeys(parts):
                self._kept[part, limit] = found[part]
                self._kept.move_to_end((part, limit))
            while len(self._kept) > _MOST_ANSWERS:
                self._kept.popitem(last=False)
        return [found[part] for part in parts]


@dataclass(frozen=True)
class LoadedCatalog:
    """What one process has of a catalog: `digests` and `counts` (texts, and those with a vector) by the key
    of the feature, and the answers that it has given. What it comes to is counted once for each state, not
    for each answer."""

    index: CatalogIndex = field(default_factory=CatalogIndex)
    catalog_version: int = -1
    revision: int = -1
    engine: str = ""
    slugs: Mapping[int, str] = field(default_factory=dict)
    digests: Mapping[int, str] = field(default_factory=dict)
    counts: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    given: GivenAnswers = field(default_factory=GivenAnswers)

    @cached_property
    def gaps(self) -> str:
        """Which features have no vectors, as a digest."""
        missing = sorted(self.slugs[pk] for pk, (total, done) in self.counts.items() if done < total)
        return hashlib.sha256("\n".join(missing).encode()).hexdigest()[:12] if missing else ""

    @cached_property
    def sums(self) -> tuple[int, int]:
        """Of `counts`."""
        return sum(total for total, _ in self.counts.values()), sum(done for _, done in self.counts.values())

    def state(self, encoder: RequestEncoder | None) -> LookupState:
        total, done = self.sums
        return LookupState(done_count=done, total_count=total, has_encoder=encoder is not None)


class CatalogShelf:
    """The catalogs that this process keeps, those that were asked for last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _KeptCatalog] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, catalog_pk: int) -> "_KeptCatalog":
        with self._lock:
            kept = self._kept.setdefault(catalog_pk, _KeptCatalog(catalog_pk))
            self._kept.move_to_end(catalog_pk)
            while len(self._kept) > _MOST_CATALOGS:
                self._kept.popitem(last=False)
            return kept


class _KeptCatalog:
    def __init__(self, catalog_pk: int) -> None:
        self._catalog_pk = catalog_pk
        self._lock = threading.Lock()
        self._loaded = LoadedCatalog()

    def refresh(self, encoder: Encoder | None) -> LoadedCatalog:
        """As the database has it now; one thread reads what changed, the others wait for it."""
        engine = encoder.engine if encoder else ""
        with self._lock:
            version = FeatureCatalog.objects.values_list("version", flat=True).get(pk=self._catalog_pk)
            revision = self._revision()
            before = self._loaded
            if (before.catalog_version, before.revision, before.engine) != (version, revision, engine):
                self._loaded = self._load(before, version, revision, engine)
            return self._loaded

    def _revision(self) -> int:
        found = LookupIndex.objects.filter(catalog=self._catalog_pk).values_list("revision", flat=True)
        return next(iter(found), 0)

    def _load(self, before: LoadedCatalog, version: int, revision: int, engine: str) -> LoadedCatalog:
        if engine != before.engine:
            before = LoadedCatalog()
        active = Feature.objects.active().filter(catalog=self._catalog_pk)
        rows = list(active.values_list("pk", "slug", "digest"))
        slugs = {pk: slug for pk, slug, _ in rows}
        digests = {pk: digest for pk, _, digest in rows}
        changed = {pk for pk, digest in digests.items() if before.digests.get(pk) != digest}
        if engine:
            written = FeatureVectors.objects.filter(
                feature__catalog=self._catalog_pk, engine=engine, revision__gt=before.revision
            )
            changed |= digests.keys() & set(written.values_list("feature", flat=True))
        counts = {pk: count for pk, count in before.counts.items() if pk in digests}
        index = before.index.changed(
            _read_features(sorted(changed), engine, counts),
            gone={slug for pk, slug in before.slugs.items() if slugs.get(pk) != slug},
        )
        return LoadedCatalog(index, version, revision, engine, slugs, digests, counts)


_shelf = CatalogShelf()


def texts_of(feature: Feature) -> FeatureTexts:
    return FeatureTexts(
        slug=feature.slug,
        title=feature.title,
        description=feature.description,
        aliases=tuple(feature.aliases),
        tags=tuple(feature.tags),
        phrases=tuple(feature.request_phrases),
    )


TEXT_FIELDS = ("slug", "title", "description", "aliases", "tags", "request_phrases")


def unpack_vectors(digests: Packed, vectors: Packed) -> dict[bytes, PackedVectors]:
    """A stored row as vectors by the digest of their text."""
    rows = np.frombuffer(vectors, VECTOR_TYPE).reshape(-1, WIDTH)
    return {
        bytes(digests[place : place + DIGEST_BYTES]): rows[place // DIGEST_BYTES]
        for place in range(0, len(digests), DIGEST_BYTES)
    }


def _read_features(
    pks: Sequence[int], engine: str, counts: dict[int, tuple[int, int]]
) -> Iterator[tuple[FeatureTexts, PackedVectors | None]]:
    """Features as they are now, some at a time: together, exact vectors would take twice the memory of those
    that are kept. Notes in `counts` how many texts each has, and how many vectors."""
    for start in range(0, len(pks), _BATCH):
        batch = pks[start : start + _BATCH]
        stored = {}
        if engine:
            rows = FeatureVectors.objects.filter(feature__in=batch, engine=engine)
            stored = {pk: (d, v) for pk, d, v in rows.values_list("feature", "digests", "vectors")}
        for feature in Feature.objects.filter(pk__in=batch).only(*TEXT_FIELDS):
            texts = texts_of(feature)
            vectors = _vectors_of(texts, *stored[feature.pk]) if feature.pk in stored else None
            counts[feature.pk] = (len(texts.encoded), 0 if vectors is None else len(vectors))
            yield texts, vectors


def _vectors_of(texts: FeatureTexts, digests: Packed, vectors: Packed) -> PackedVectors | None:
    """A row for each text; None while one of them has none."""
    known = unpack_vectors(digests, vectors)
    wanted = [known.get(digest_text(text)) for text in texts.encoded]
    rows = [row for row in wanted if row is not None]
    return np.stack(rows) if len(rows) == len(wanted) else None
