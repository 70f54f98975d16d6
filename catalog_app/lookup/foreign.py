"""How foreign a request is to the catalog as a whole, whatever feature is nearest to it.

Among vectors there is a direction from what features say to what people ask for and no feature answers:
machines, games, medicine, small talk. It is Fisher's linear discriminant of the two, with a ridge, and
`manage.py calibrate_lookup` writes it to `calibration.json`. It is one signal of several in `judging`: a
feature that is added in such a field is found by its phrases all the same.
"""

import json
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catalog_app.lookup.encoder.weights import Array
from catalog_app.lookup.judging import CALIBRATION_FILE

_RIDGE: Final = 3.0
"""Times the mean variance: there are as many places in a vector as labelled requests."""
_BLOCKS: Final = 10
_PLACES: Final = 6


def fit_direction(texts: Array, unanswered: Array) -> NDArray[np.float64]:
    """Of length 1; of length 0 where the two have the same middle. `texts` are the vectors of what features
    say, `unanswered` of requests that none answers; neither is empty."""
    away = unanswered.mean(axis=0) - texts.mean(axis=0)
    spread = (_covariance(texts) + _covariance(unanswered)) / 2
    spread += np.eye(len(away)) * (_RIDGE * np.trace(spread) / len(away))
    direction = np.linalg.solve(spread, away)
    length = np.linalg.norm(direction) or 1.0
    return np.asarray(np.round(direction / length, _PLACES))


def measure_unseen(texts: Array, requests: Array, is_none: NDArray[np.bool_]) -> list[float]:
    """How foreign each labelled request is by a direction that was not fitted to it.

    What was written one after the other is about like things, so those that have no answer are left out
    with their neighbours.
    """
    foreign = requests @ fit_direction(texts, requests[is_none])
    for block in np.array_split(np.flatnonzero(is_none), _BLOCKS):
        seen = is_none.copy()
        seen[block] = False
        foreign[block] = requests[block] @ fit_direction(texts, requests[seen])
    return [float(value) for value in foreign]


@cache
def load_direction() -> Array:
    """The shipped one."""
    return np.array(json.loads(CALIBRATION_FILE.read_bytes())["foreign"], np.float32)


def _covariance(vectors: Array) -> NDArray[np.float64]:
    centred = vectors.astype(np.float64) - vectors.mean(axis=0)
    return np.asarray(centred.T @ centred / len(vectors))
