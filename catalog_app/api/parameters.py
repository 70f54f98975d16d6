"""Filters in the query. What a filter does not know is refused, with what it does know: a plan made from a
list that was silently too long would be wrong."""

from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from autopack.errors import Refused
from catalog_app.choices import LicenseDecision, SourceStatus

C = TypeVar("C", bound=StrEnum)

MAX_VALUES = 50
MAX_LENGTH = 200
FLAG = ("true", "false")
GONE = ("false", "true", "all")


class Query:
    """Reads the query of one request and gathers everything that is wrong with it, until `check`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._errors: list[dict[str, Any]] = []

    def text(self, name: str) -> str:
        text = self._request.query_params.get(name, "").strip()
        if len(text) > MAX_LENGTH:
            self._refuse(name, f"Has at most {MAX_LENGTH} characters.")
            return ""
        return text

    def required(self, name: str, *, max_length: int | None = None) -> str:
        """As it came; it may be empty, but not left out."""
        text = self._request.query_params.get(name)
        if text is None:
            self._refuse(name, "Is needed.", code="required")
        elif max_length is not None and len(text) > max_length:
            self._refuse(name, f"Has at most {max_length} characters.")
        return text or ""

    def texts(self, name: str, *, most: int = MAX_VALUES, max_length: int | None = None) -> tuple[str, ...]:
        """Given again and again, or with commas."""
        values = [v.strip() for given in self._request.query_params.getlist(name) for v in given.split(",")]
        found = tuple(dict.fromkeys(value for value in values if value))
        if len(found) > most:
            self._refuse(name, f"Takes at most {most} values.")
            return ()
        if max_length is not None and any(len(value) > max_length for value in found):
            self._refuse(name, f"Takes values of at most {max_length} characters.")
            return ()
        return found

    def choices(self, name: str, kind: type[C]) -> tuple[C, ...]:
        return tuple(kind(value) for value in self.known(name, [member.value for member in kind]))

    def choice(self, name: str, kind: type[C]) -> C | None:
        text = self.known_one(name, [member.value for member in kind])
        return kind(text) if text else None

    def flag(self, name: str) -> bool | None:
        """None where nothing is asked."""
        text = self.known_one(name, FLAG)
        return None if not text else text == "true"

    def retired(self) -> bool | None:
        """False by default; None for both."""
        return self._gone("retired")

    def archived(self) -> bool | None:
        """False by default; None for both."""
        return self._gone("archived")

    def _gone(self, name: str) -> bool | None:
        text = self.known_one(name, GONE) or "false"
        return None if text == "all" else text == "true"

    def number(self, name: str) -> int | None:
        """A number from 1, as versions have; None where nothing is asked."""
        text = self.text(name)
        if not text:
            return None
        if text.isascii() and text.isdigit() and 0 < int(text) < 2**31:
            return int(text)
        self._refuse(name, f"{text[:80]!r} is no number from 1.")
        return None

    def moment(self, name: str) -> datetime | None:
        """Without an offset it is UTC."""
        # A plus that nobody escaped arrives as a space.
        text = self.text(name).replace(" ", "+") if "T" in self.text(name) else self.text(name)
        if not text:
            return None
        try:
            found = parse_datetime(text)
            if found is not None:
                return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        self._refuse(name, f"{text!r} is no time such as 2026-05-04T09:00:00Z.")
        return None

    def known(self, name: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Several values, each of them one of `allowed`."""
        found = self.texts(name)
        strange = [value for value in found if value not in allowed]
        for value in strange:
            self._refuse_value(name, value, allowed)
        return tuple(value for value in found if value in allowed)

    def known_one(self, name: str, allowed: Sequence[str]) -> str:
        """One value, which is one of `allowed`; empty where nothing is asked."""
        text = self.text(name)
        if text and text not in allowed:
            self._refuse_value(name, text, allowed)
            return ""
        return text

    def check(self) -> None:
        """Raises Refused (`invalid_query`) with every problem so far."""
        if not self._errors:
            return
        first, more = self._errors[0], len(self._errors) - 1
        raise Refused(
            f"The query is not acceptable: {first['parameter']}: {first['detail']}"
            + (f" And {more} more." if more else ""),
            code="invalid_query",
            errors=self._errors,
        )

    def _refuse_value(self, name: str, value: str, allowed: Sequence[str]) -> None:
        known = f"use one of {', '.join(allowed)}" if allowed else "there are none"
        self._refuse(name, f"{value[:80]!r} is not known; {known}.", code="unknown_value", allowed=allowed)

    def _refuse(self, name: str, detail: str, *, code: str = "invalid", **more: Sequence[str]) -> None:
        self._errors.append({"code": code, "detail": detail, "parameter": name, **more})


def described_text(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, description=description)


def described_choices(name: str, kind: type[StrEnum], description: str) -> OpenApiParameter:
    values = [member.value for member in kind]
    return OpenApiParameter(
        name, OpenApiTypes.STR, enum=values, many=True, explode=True, description=description
    )


def described_choice(name: str, kind: type[StrEnum], description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, OpenApiTypes.STR, enum=[member.value for member in kind], description=description
    )


def described_texts(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, many=True, explode=True, description=description)


def described_flag(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.BOOL, description=description)


Q = described_text("q", "Words that must all occur.")
UPDATED_SINCE = OpenApiParameter("updated_since", OpenApiTypes.DATETIME, description="Changed at or after.")
IS_RETIRED, IS_ARCHIVED = (
    OpenApiParameter(name, OpenApiTypes.STR, enum=GONE, default="false", description="`all` takes both.")
    for name in ("retired", "archived")
)
STATUS = described_choices("status", SourceStatus, "Any of these.")
DECISION = described_choices("license_decision", LicenseDecision, "Any of these.")
REPO = described_texts("repo", "From one of these repositories.")
