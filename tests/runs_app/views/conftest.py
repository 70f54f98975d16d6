"""Pages with a worker that is alive."""

import pytest

from tests.support.factories import note_worker
from tests.support.pages import CountQueries, SignIn, count_queries, operator, reader, sign_in

__all__ = ["CountQueries", "SignIn", "count_queries", "operator", "reader", "sign_in"]


@pytest.fixture(autouse=True)
def worker(db: None) -> None:
    note_worker()
