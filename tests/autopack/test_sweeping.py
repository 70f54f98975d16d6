"""What is broken keeps nobody else waiting."""

import pytest

from autopack.sweeping import deal_with_each


def test_one_that_fails_is_logged_and_the_others_are_dealt_with(caplog: pytest.LogCaptureFixture) -> None:
    def deal_with(pk: int) -> bool:
        if pk == 2:
            raise ZeroDivisionError
        return pk != 3

    assert deal_with_each(deal_with, [1, 2, 3, 4]) == 2
    assert "the sweep failed on 2" in caplog.text
