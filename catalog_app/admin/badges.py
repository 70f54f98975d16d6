"""Small marks of lists and pages, in the colours of the admin's theme."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

from catalog_app.choices import CatalogChoice

C = TypeVar("C", bound=CatalogChoice)

_BASE = (
    "inline-block font-semibold rounded-default text-[11px] uppercase whitespace-nowrap "
    "ap-badge h-6 leading-6 px-2"
)
_VARIANTS = {
    "success": "bg-green-100 text-green-700 dark:bg-green-500/20 dark:text-green-400",
    "danger": "bg-red-100 text-red-700 dark:bg-red-500/20 dark:text-red-400",
    "warning": "bg-orange-100 text-orange-700 dark:bg-orange-500/20 dark:text-orange-400",
    "info": "bg-blue-100 text-blue-700 dark:bg-blue-500/20 dark:text-blue-400",
    "": "bg-base-500/8 text-base-700 dark:bg-base-500/20 dark:text-base-200",
}
# Tabler's colours, which the choices have, in the theme's words.
_VARIANT_OF = {
    "green": "success",
    "teal": "success",
    "red": "danger",
    "orange": "warning",
    "yellow": "warning",
    "blue": "info",
    "azure": "info",
    "purple": "info",
}
NOTHING = mark_safe('<span class="text-font-subtle-light dark:text-font-subtle-dark">-</span>')


def badge(text: str, variant: str = "", *, title: str = "") -> SafeString:
    return format_html('<span class="{} {}" title="{}">{}</span>', _BASE, _VARIANTS[variant], title, text)


def choice_badge(choice: CatalogChoice, *, suffix: str = "", title: str = "") -> SafeString:
    return badge(f"{choice.label}{suffix}", _VARIANT_OF.get(choice.colour, ""), title=title)


def tally(choices: Iterable[C], kind: type[C]) -> SafeString:
    """One badge for each value, in the enum's order, with a count where there is more than one."""
    counts = Counter(choices)
    marks = [
        choice_badge(choice, suffix=f" {counts[choice]}" if counts[choice] > 1 else "")
        for choice in kind
        if counts[choice]
    ]
    return joined(marks)


def joined(marks: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((mark,) for mark in marks)) or NOTHING


def plain(text: str) -> SafeString:
    return format_html("{} ", text)


def subtle(text: str, *, title: str = "") -> SafeString:
    return format_html(
        '<span class="text-font-subtle-light dark:text-font-subtle-dark" title="{}">{}</span>', title, text
    )


def code(text: str, *, title: str = "") -> SafeString:
    return format_html('<code title="{}">{}</code>', title, text) if text else NOTHING


def score(value: Decimal | None) -> SafeString:
    """A quality of 0 to 1, as two decimals."""
    return NOTHING if value is None else format_html('<span class="tabular-nums">{}</span>', f"{value:.2f}")


def age(moment: datetime | None) -> SafeString:
    if moment is None:
        return subtle("never")
    spoken = timesince(moment, timezone.now(), depth=1)
    return subtle(f"{spoken} ago", title=f"{moment:%Y-%m-%d %H:%M} UTC")


def words(values: Iterable[str]) -> SafeString:
    """A short list of texts on one line."""
    text = ", ".join(values)
    return subtle(text) if text else NOTHING


def lines(values: Iterable[str]) -> SafeString:
    """A list of texts, one a line."""
    return format_html_join(mark_safe("<br>"), "{}", ((value,) for value in values)) or NOTHING


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> SafeString:
    cells = [format_html_join("", "<td>{}</td>", ((cell,) for cell in row)) for row in rows]
    if not cells:
        return NOTHING
    return format_html(
        '<div class="ap-page ap-inset"><table class="ap-table">'
        "<thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>",
        format_html_join("", '<th scope="col">{}</th>', ((title,) for title in head)),
        format_html_join("", "<tr>{}</tr>", ((row,) for row in cells)),
    )


def link(url: str, text: str) -> SafeString:
    return format_html('<a href="{}" class="text-primary-600 dark:text-primary-500">{}</a>', url, text)


def pretty(value: object) -> SafeString:
    """JSON as a person reads it."""
    text = json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) if value else ""
    return format_html('<pre class="ap-json">{}</pre>', text) if text else NOTHING
