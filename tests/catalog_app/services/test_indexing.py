"""The vectors of a catalog's texts: made once, kept, and made anew only where a text is new."""

from collections.abc import Sequence

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog_app.lookup.encoder.weights import Array
from catalog_app.models import Feature, FeatureCatalog, FeatureVectors, LookupIndex
from catalog_app.services import indexing
from catalog_app.services.indexing import build_index, refresh_index, requeue_indexes
from catalog_app.services.sealing import changing
from tests.support.catalog_factories import CatalogFactory, FeatureFactory
from tests.support.lookup import WordEncoder, use_encoder

pytestmark = pytest.mark.django_db


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> WordEncoder:
    encoder = WordEncoder()
    use_encoder(monkeypatch, encoder)
    return encoder


@pytest.fixture
def catalog() -> FeatureCatalog:
    catalog = CatalogFactory.create()
    for slug, phrases in (("login", ["let me in", "who are you"]), ("search", [])):
        feature = FeatureFactory.create(
            catalog=catalog, slug=slug, description="", aliases=["x"], request_phrases=phrases
        )
        with changing([catalog]) as changes:
            changes.touch([feature])
    catalog.refresh_from_db()
    return catalog


def jobs() -> list[int]:
    return [
        j.args["catalog_pk"] for j in ProcrastinateJob.objects.filter(task_name="catalog_app.build_index")
    ]


def test_without_an_encoder_it_is_noted_and_nothing_is_made(
    catalog: FeatureCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_encoder(monkeypatch, None)
    assert refresh_index(catalog).encoded_count == 0
    index = LookupIndex.objects.get()
    assert (index.engine, index.total_count, index.done_count) == ("", 6, 0)
    assert index.catalog_version == catalog.version
    assert not FeatureVectors.objects.exists()


def test_a_catalog_that_is_gone_is_nothing_to_do(encoder: WordEncoder) -> None:
    build_index(404)


def test_every_text_is_encoded_once(catalog: FeatureCatalog, encoder: WordEncoder) -> None:
    told: list[tuple[int, int]] = []
    done = refresh_index(catalog, lambda *numbers: told.append(numbers))
    assert (done.text_count, done.encoded_count) == (6, 6)
    assert sorted(encoder.encoded) == [
        "Login, x",
        "Login. x",
        "Search, x",
        "Search. x",
        "let me in",
        "who are you",
    ]
    assert told == [(0, 6), (6, 6)]

    assert refresh_index(catalog).encoded_count == 0
    assert len(encoder.encoded) == 6


def test_what_two_features_say_is_encoded_once_and_done_for_both(
    catalog: FeatureCatalog, encoder: WordEncoder
) -> None:
    Feature.objects.filter(slug="search").update(request_phrases=["let me in"])
    told: list[tuple[int, int]] = []

    done = refresh_index(catalog, lambda *numbers: told.append(numbers))

    assert (done.text_count, done.encoded_count, told) == (7, 6, [(0, 7), (7, 7)])
    index = LookupIndex.objects.get()
    assert (index.done_count, index.total_count) == (7, 7)


def test_only_texts_that_are_new_are_encoded(catalog: FeatureCatalog, encoder: WordEncoder) -> None:
    refresh_index(catalog)
    encoder.encoded.clear()
    revision = LookupIndex.objects.get().revision

    Feature.objects.filter(slug="login").update(request_phrases=["open the door", "let me in"])
    assert refresh_index(catalog).encoded_count == 1
    assert encoder.encoded == ["open the door"]
    row = FeatureVectors.objects.get(feature__slug="login")
    assert len(row.digests) == 4 * 16
    assert row.revision > revision

    Feature.objects.filter(slug="login").update(request_phrases=["let me in"])
    assert refresh_index(catalog).encoded_count == 0
    assert len(FeatureVectors.objects.get(feature__slug="login").digests) == 3 * 16


def test_vectors_of_what_is_retired_go(catalog: FeatureCatalog, encoder: WordEncoder) -> None:
    refresh_index(catalog)
    Feature.objects.filter(slug="login").update(retired_at=timezone.now())
    assert refresh_index(catalog).text_count == 2
    assert FeatureVectors.objects.get().feature.slug == "search"


def test_another_encoder_makes_all_of_them_anew(
    catalog: FeatureCatalog, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh_index(catalog)
    use_encoder(monkeypatch, WordEncoder("other/2"))
    assert refresh_index(catalog).encoded_count == 6
    assert set(FeatureVectors.objects.values_list("engine", flat=True)) == {"other/2"}


def test_what_was_made_before_it_was_killed_is_not_made_again(
    catalog: FeatureCatalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dying(WordEncoder):
        def encode(self, texts: Sequence[str]) -> Array:
            if len(self.encoded) >= 4:
                raise KeyboardInterrupt
            return super().encode(texts)

    monkeypatch.setattr(indexing, "_BATCH", 1)
    dying = Dying()
    use_encoder(monkeypatch, dying)
    with pytest.raises(KeyboardInterrupt):
        refresh_index(catalog)
    index = LookupIndex.objects.get()
    assert (index.done_count, index.total_count, index.finished_at) == (4, 6, None)

    use_encoder(monkeypatch, WordEncoder())
    assert refresh_index(catalog).encoded_count == 2
    assert LookupIndex.objects.get().finished_at is not None


def test_a_change_queues_the_index_with_it(catalog: FeatureCatalog, encoder: WordEncoder) -> None:
    assert jobs() == [catalog.pk]
    ProcrastinateJob.objects.all().delete()
    with changing([catalog]):
        pass
    assert jobs() == []


def test_the_sweeper_queues_what_was_forgotten(
    catalog: FeatureCatalog, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    ProcrastinateJob.objects.all().delete()
    assert requeue_indexes() == 1
    assert requeue_indexes() == 0
    assert jobs() == [catalog.pk]

    ProcrastinateJob.objects.all().delete()
    refresh_index(catalog)
    assert requeue_indexes() == 0
    use_encoder(monkeypatch, WordEncoder("other/2"))
    assert requeue_indexes() == 1
