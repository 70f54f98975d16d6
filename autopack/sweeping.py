"""Dealing with many rows of which any one may be broken."""

import logging
from collections.abc import Callable, Iterable

logger = logging.getLogger(__name__)


def deal_with_each(deal_with: Callable[[int], bool], pks: Iterable[int]) -> int:
    """How many were dealt with. What goes wrong with one is logged and keeps nobody else waiting."""
    dealt_with = 0
    for pk in pks:
        try:
            dealt_with += deal_with(pk)
        except Exception:
            logger.exception("the sweep failed on %s", pk)
    return dealt_with
