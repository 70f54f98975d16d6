"""Answers of the pure engine, on a catalog of three features."""

import numpy as np
import pytest

from catalog_app.choices import LookupBand
from catalog_app.lookup.answering import answer, name_engine
from catalog_app.lookup.index import CatalogIndex
from catalog_app.lookup.judging import load_models, share_out, signals_for
from catalog_app.lookup.results import LookupAnswer, LookupPart
from catalog_app.lookup.texts import FeatureTexts
from tests.support.lookup import WordEncoder

ENCODER = WordEncoder()
LOGIN = FeatureTexts(
    "login",
    "Password login",
    "Checks passwords.",
    ("sign in",),
    (),
    ("open the door for members", "who is there"),
)
DELAYED = FeatureTexts(
    "delayed-jobs", "Delayed jobs", "Runs something once, later.", phrases=("remind tomorrow",)
)
CRON = FeatureTexts(
    "cron", "Recurring jobs", "Runs something again and again.", phrases=("remind every monday",)
)
ALL = (LOGIN, DELAYED, CRON)


def index_of(*features: FeatureTexts, has_vectors: bool = True) -> CatalogIndex:
    def vectors(texts: FeatureTexts) -> "np.ndarray[tuple[int, ...], np.dtype[np.float16]] | None":
        return ENCODER.encode(texts.encoded).astype(np.float16) if has_vectors else None

    return CatalogIndex().changed([(texts, vectors(texts)) for texts in features])


def ask(index: CatalogIndex, quote: str, *terms: str, limit: int = 10) -> LookupAnswer:
    (found,) = answer(index, [LookupPart(quote, terms)], encoder=ENCODER, limit=limit)
    return found


def slugs(found: LookupAnswer) -> list[str]:
    return [candidate.slug for candidate in found.candidates]


@pytest.mark.parametrize("quote", ["", "zebra giraffe", "\0", "x" * 2000])
def test_what_has_nothing_in_common_is_nothing(quote: str) -> None:
    assert ask(index_of(*ALL), quote).band is LookupBand.NONE
    assert ask(CatalogIndex(), quote).candidates == ()


def test_the_nearest_phrase_is_the_evidence() -> None:
    found = ask(index_of(*ALL), "open the door for members please")
    assert slugs(found)[0] == "login"
    assert found.candidates[0].evidence[0].kind in {"phrase", "words"}
    assert ("phrase", "open the door for members") in [(e.kind, e.text) for e in found.candidates[0].evidence]


def test_a_request_that_is_a_name_stands_out_and_part_of_one_does_less() -> None:
    phrases = ("recurring jobs",)
    kind = FeatureTexts("apples", "Fruit", "Jobs of recurring kind.", phrases=phrases)
    called = FeatureTexts("board", "Recurring jobs", "Fruit of a kind.", phrases=phrases)
    index = index_of(kind, called)

    def lead(quote: str) -> float:
        first, second = ask(index, quote).candidates
        assert first.slug == "board"
        return first.score - second.score

    assert lead("recurring jobs") > 0.1
    assert lead("recurring jobs") > lead("recurring") > 0


def test_terms_decide_between_siblings() -> None:
    index = index_of(*ALL)
    assert slugs(ask(index, "remind", "recurring job"))[0] == "cron"
    found = ask(index, "remind", "delayed job")
    assert slugs(found)[0] == "delayed-jobs"
    assert ("title", "Delayed jobs", 1.0) in [(e.kind, e.text, e.score) for e in found.candidates[0].evidence]


def test_siblings_that_are_close_say_when_to_take_them() -> None:
    index = index_of(*ALL)
    first, second, *_ = ask(index, "remind").candidates
    assert {first.slug, second.slug} == {"delayed-jobs", "cron"}
    assert first.instead == ""
    assert second.instead.startswith(f"Pick {second.title} instead when this is meant: Runs something")


def test_confidence_is_shared_and_never_more_than_all() -> None:
    found = ask(index_of(*ALL), "remind tomorrow")
    confidences = [candidate.confidence for candidate in found.candidates]
    assert sum(confidences) <= 1
    assert confidences == sorted(confidences, reverse=True)
    assert len(ask(index_of(*ALL), "remind", limit=1).candidates) == 1
    assert share_out([0.5, 0.5], 40.0) == [0.5, 0.5]


def test_features_without_vectors_are_found_by_their_words() -> None:
    index = index_of(LOGIN, CRON).changed([(DELAYED, None)])
    assert slugs(ask(index, "remind tomorrow"))[0] == "delayed-jobs"
    by_words = answer(
        index_of(*ALL, has_vectors=False), [LookupPart("who is there", ("sign in",))], encoder=None
    )
    assert slugs(by_words[0])[0] == "login"


def test_an_index_that_was_changed_answers_as_one_made_at_once() -> None:
    other = FeatureTexts("login", "Login", "", (), (), ("completely new",))
    changed = index_of(*ALL).changed(
        [(other, ENCODER.encode(other.encoded).astype(np.float16))], gone=["cron"]
    )
    fresh = index_of(other, DELAYED)
    for quote in ("completely new", "remind tomorrow", "open the door"):
        assert ask(changed, quote) == ask(fresh, quote)
    assert changed.feature_count == 2
    again = changed.changed([(CRON, None)])
    assert len(again.features) == 3


def test_the_engine_is_named_by_all_that_answers_depend_on() -> None:
    assert name_engine(ENCODER).startswith("words-for-tests/1+lookup/")
    assert name_engine(None).startswith("words+lookup/")


def test_every_way_of_asking_has_a_model_with_its_signals() -> None:
    models = load_models()
    assert set(models) == {"quote", "terms", "quote_by_words", "terms_by_words"}
    for kind, model in models.items():
        assert model.signals == signals_for(kind)
        assert 0 < model.match_at < 1
