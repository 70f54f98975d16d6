"""What the address of a page asks for. What it cannot mean is left out, as the run list does."""

from typing import TypeVar

from django.http import HttpRequest

from autopack.choices import Choice

C = TypeVar("C", bound=Choice)

MOST_VALUES = 50
MOST_CHARACTERS = 100


def read_text(request: HttpRequest, name: str) -> str:
    """With single spaces."""
    return " ".join(request.GET.get(name, "").replace("\0", "").split())[:MOST_CHARACTERS]


def read_texts(request: HttpRequest, name: str) -> tuple[str, ...]:
    given = [text.replace("\0", "")[:MOST_CHARACTERS] for text in request.GET.getlist(name)[:MOST_VALUES]]
    return tuple(dict.fromkeys(text for text in given if text))


def read_choices(request: HttpRequest, name: str, kind: type[C]) -> tuple[C, ...]:
    """In the order of the enum."""
    given = set(request.GET.getlist(name))
    return tuple(member for member in kind if member.value in given)


def read_choice(request: HttpRequest, name: str, kind: type[C]) -> C | None:
    chosen = read_choices(request, name, kind)
    return chosen[0] if chosen else None
