"""Files of labelled requests: one JSON object a line, with `query`, `gold` (slugs, or empty where nothing of
the catalog fits) and, if the caller would have any, `terms`. Pure."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from catalog_app.lookup.results import LookupPart


@dataclass(frozen=True, slots=True)
class LabelledRequest:
    quote: str
    gold: frozenset[str]
    terms: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        return not self.gold

    @property
    def is_single(self) -> bool:
        return len(self.gold) == 1

    def part(self, *, with_terms: bool) -> LookupPart:
        return LookupPart(self.quote, self.terms if with_terms else ())


class BadLabels(Exception):
    """`problems` are all of them, each with its line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def read_labelled(text: str, *, known: Collection[str]) -> list[LabelledRequest]:
    """The requests of a file; `known` are the slugs that there are. Raises BadLabels."""
    requests, problems = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            requests.append(_read_line(line, known))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    if not requests and not problems:
        problems.append("line 1: there is no request")
    if problems:
        raise BadLabels(problems)
    return requests


def _read_line(line: str, known: Collection[str]) -> LabelledRequest:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON: {error.msg}") from error
    if not isinstance(entry, dict):
        raise ValueError("is no JSON object")
    quote = entry.get("query")
    if not isinstance(quote, str) or not quote.strip():
        raise ValueError("query must be a text that is not empty")
    gold = _texts(entry, "gold", is_needed=True)
    if unknown := sorted(set(gold) - set(known)):
        raise ValueError(f"the catalog has no feature {', '.join(unknown)}")
    return LabelledRequest(quote, frozenset(gold), tuple(_texts(entry, "terms")))


def _texts(entry: dict[str, object], key: str, *, is_needed: bool = False) -> list[str]:
    value = entry.get(key)
    if value is None and not is_needed:
        return []
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError(f"{key} must be a list of texts")
    return value
