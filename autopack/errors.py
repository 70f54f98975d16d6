"""The error root. Services raise these; `autopack.problems` is the one place that turns them into HTTP.

A `code` is stable and part of the API; a `detail` says what happened and what to do next.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class AutopackError(Exception):
    """Root. `errors` lists every single reason (each a mapping with at least `code` and `detail`), `extra`
    holds members of the problem document."""

    code: ClassVar[str] = "internal_error"

    def __init__(
        self, detail: str, *, code: str = "", errors: Sequence[Mapping[str, Any]] = (), **extra: Any
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.problem_code = code or self.code
        self.errors = tuple(dict(e) for e in errors)
        self.extra = extra


class NotFound(AutopackError):
    """No such thing, or not for this caller (404)."""

    code = "not_found"


class Malformed(AutopackError):
    """The request cannot be read (400)."""

    code = "malformed"


class Refused(AutopackError):
    """Well-formed, but the content is not acceptable (422)."""

    code = "refused"


class WrongState(AutopackError):
    """The thing is in a state in which this cannot be done (409). Give `state` and `allowed` as extra."""

    code = "wrong_state"


class PreconditionFailed(AutopackError):
    """The thing is not any more what the caller has seen (412)."""

    code = "precondition_failed"


class Unauthenticated(AutopackError):
    """No credentials, or none that count (401)."""

    code = "not_authenticated"


class Forbidden(AutopackError):
    """Known caller, but it may not (403)."""

    code = "forbidden"


class TooLarge(AutopackError):
    """413."""

    code = "too_large"


class TooFast(AutopackError):
    """429. Give `retry_after_seconds` as extra."""

    code = "too_fast"


class Unavailable(AutopackError):
    """Something Autopack needs is away for now (503)."""

    code = "unavailable"


class ConfigurationError(AutopackError):
    """autopack.yaml, the environment or the machine is not set up rightly."""

    code = "configuration_error"
