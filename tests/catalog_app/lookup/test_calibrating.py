"""Fitting how sure an answer is."""

import json
import random
from dataclasses import replace

import pytest

from catalog_app.choices import LookupBand
from catalog_app.lookup.calibrating import FittedModel, Labelled, fit_model, write_models
from catalog_app.lookup.judging import judge, read_models
from catalog_app.lookup.scoring import Fit, Ranking


def ranking(best: float, noise: random.Random) -> Ranking:
    """Ten features around .3, and one that stands out, or not."""
    scores = sorted([best, *(noise.uniform(0.25, 0.35) for _ in range(9))], reverse=True)
    fits = [
        Fit(
            place,
            f"f{place}",
            score,
            phrase=score,
            centre=score,
            whole=score,
            words=score / 2,
            quote_score=score,
        )
        for place, score in enumerate(scores)
    ]
    return Ranking(fits, quote_score=scores[0], has_vectors=True)


@pytest.fixture(scope="module")
def labelled() -> list[Labelled]:
    noise = random.Random(4)
    wanted = [Labelled(ranking(noise.uniform(0.45, 0.8), noise), "f0") for _ in range(60)]
    unwanted = [Labelled(ranking(noise.uniform(0.3, 0.42), noise), "") for _ in range(40)]
    return [*wanted, *unwanted]


@pytest.fixture(scope="module")
def fitted(labelled: list[Labelled]) -> FittedModel:
    return fit_model(labelled)


def test_what_stands_out_is_a_match_and_what_does_not_is_nothing(fitted: FittedModel) -> None:
    noise = random.Random(5)
    models = {"quote": fitted.model}
    assert fitted.f1 > 0.9
    assert fitted.false_rejects <= 0.04
    assert judge(ranking(0.8, noise), models).band is LookupBand.MATCH
    assert judge(ranking(0.3, noise), models).band is LookupBand.NONE
    assert judge(ranking(0.8, noise), models).confidences[0] > 0.9


def test_the_best_of_a_small_catalog_does_not_stand_out_for_that(fitted: FittedModel) -> None:
    lonely = ranking(0.3, random.Random(6))
    alone = Ranking(lonely.fits[:1], quote_score=lonely.quote_score, has_vectors=True)
    assert judge(alone, {"quote": fitted.model}).band is LookupBand.NONE


def test_a_signal_that_never_varies_is_of_no_weight(fitted: FittedModel) -> None:
    model = fitted.model
    place = model.signals.index("foreign")
    assert (model.deviations[place], model.weights[place]) == (1.0, 0.0)


def test_what_is_foreign_is_nothing(labelled: list[Labelled]) -> None:
    """Both kinds of request stand out alike; only in how foreign they are is there a difference."""
    noise = random.Random(7)
    wanted = [replace(one.ranking, foreign=noise.gauss(-0.1, 0.04)) for one in labelled[:60]]
    unwanted = [replace(one.ranking, foreign=noise.gauss(0.1, 0.04)) for one in labelled[:60]]
    model = fit_model([Labelled(r, "f0") for r in wanted] + [Labelled(r, "") for r in unwanted]).model
    place = model.signals.index("foreign")
    assert model.weights[place] == max(model.weights) > 1
    for foreign, band in ((-0.1, LookupBand.MATCH), (0.1, LookupBand.NONE)):
        assert judge(replace(labelled[0].ranking, foreign=foreign), {"quote": model}).band is band


def test_the_same_requests_give_the_same_model_and_it_is_read_as_it_was_written(
    labelled: list[Labelled], fitted: FittedModel
) -> None:
    assert fit_model(labelled) == fitted
    written = json.loads(json.dumps(write_models({"quote": fitted})))
    assert read_models(written) == {"quote": fitted.model}
