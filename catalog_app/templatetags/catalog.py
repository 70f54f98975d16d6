"""Template filters that know the catalog."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def points(share: Decimal | None) -> int | None:
    """A quality of 0 to 1 as people read it, 0 to 100."""
    return None if share is None else round(share * 100)


@register.filter
def get(mapping: Mapping[str, str], key: str) -> str:
    """A title by its slug, or the slug itself."""
    return mapping.get(key, key)


@register.filter
def is_web(url: str) -> bool:
    """Whether a browser may be sent there. Addresses of repositories are also paths and `git@…`."""
    return url.startswith(("https://", "http://"))


@register.filter
def percent(share: float) -> int:
    """A share of 0 to 1 of a plan's document."""
    return round(share * 100)


_SPOKEN = {"db": "Database", "vector_db": "Vector database", "ci": "CI", "css": "CSS", "api": "API"}


@register.filter
def spoken(name: str) -> str:
    """A slot or category as people read it: `task_queue`, Task queue."""
    return _SPOKEN.get(name) or name.replace("_", " ").capitalize()


@register.filter
def lines(texts: Iterable[str]) -> str:
    """One a line, for a text area."""
    return "\n".join(texts)
