"""Query parameters."""

from rest_framework.request import Request

from autopack.errors import Malformed

MAX_DIGITS = 30
"""More than any bound here has; Python refuses to read numbers of thousands of digits."""


def read_count(request: Request, name: str, *, default: int, highest: int = 2**62) -> int:
    """A whole number that is not negative; larger ones are cut to `highest`. Raises Malformed."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()):
        raise Malformed(f"{name} is a whole number, not {text[:80]!r}.")
    return min(int(text[:MAX_DIGITS]), highest)
