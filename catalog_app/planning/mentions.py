"""Parts of a stack that people name in what they say: "use Postgres", "we know Django", "no MySQL". Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog_app.planning.snapshot import StackFacts

_TOKEN = re.compile(r"[a-z0-9]+(?:[.+#-][a-z0-9]+)*[+#]*|[.;:!?,]")
_MARKS = ".;:!?,"
_LONGEST = 3
_NEGATIONS = frozenset(("no", "not", "without", "avoid", "never", "except", "instead", "anything", "don't"))
_NEGATION_REACH = 3

_OTHER_NAMES = {
    "postgresql": "postgres",
    "psql": "postgres",
    "next.js": "nextjs",
    "nest.js": "nestjs",
    "react.js": "react",
    "reactjs": "react",
    "golang": "go",
    "k8s": "kubernetes",
    "drf": "django-rest-framework",
    "django rest": "django-rest-framework",
    "ruby on rails": "rails",
    "springboot": "spring-boot",
    "elixir phoenix": "phoenix",
    "apache kafka": "kafka",
}
_EVERYDAY_WORDS = frozenset(("none", "cdn", "go", "next", "django admin"))
"""Values that a sentence has without meaning them. Go is known as golang."""

_LANGUAGES = {
    "dagster": "python",
    "django": "python",
    "django-rest-framework": "python",
    "fastapi": "python",
    "flask": "python",
    "nestjs": "typescript",
    "nextjs": "typescript",
    "rails": "ruby",
    "laravel": "php",
    "spring-boot": "java",
    "phoenix": "elixir",
    "go": "go",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """`value` as stack profiles write it, `quote` the sentence; not wanted: it is ruled out."""

    value: str
    quote: str
    is_wanted: bool = True

    @property
    def said(self) -> str:
        """The quote for the middle of a sentence."""
        return " ".join(self.quote.split()).rstrip(".")


def values_of(stack: StackFacts) -> frozenset[str]:
    """Everything that the profile is made of, with the language of its backend."""
    values = {value for text in stack.slots.values() for value in split_values(text)}
    return frozenset(values | {_LANGUAGES[value] for value in values if value in _LANGUAGES})


@lru_cache(maxsize=1024)
def split_values(text: str) -> tuple[str, ...]:
    """A slot's text may be a list with commas."""
    return tuple(value for part in text.split(",") if (value := normal_value(part)))


def normal_value(text: str) -> str:
    value = " ".join(text.casefold().split())
    return _OTHER_NAMES.get(value, value)


def has_value(values: Iterable[str], wanted: str) -> bool:
    """`django` is also met by `django-rest-framework`."""
    return any(value == wanted or value.startswith(f"{wanted}-") for value in values)


def find_mentions(texts: Sequence[str], stacks: Sequence[StackFacts]) -> tuple[Mention, ...]:
    """Values of any stack that the texts name, each once, in the order of the texts. The longest name counts:
    "React Native" is not React."""
    names: dict[str, str] = {}
    for stack in stacks:
        for value in values_of(stack):
            names |= {value: value, re.sub(r"[-_]", " ", value): value}
        for value in split_values(stack.slots.get("backend", "")):
            family = value.partition("-")[0]
            names.setdefault(family, family)
    names |= {name: value for name, value in _OTHER_NAMES.items() if value in names}
    for word in _EVERYDAY_WORDS:
        names.pop(word, None)
    found: dict[str, Mention] = {}
    for text in texts:
        for mention in _in_text(text, names):
            found.setdefault(mention.value, mention)
    return tuple(found.values())


def _in_text(text: str, names: dict[str, str]) -> Iterable[Mention]:
    tokens = _TOKEN.findall(text.casefold())
    at = 0
    while at < len(tokens):
        for length in range(_LONGEST, 0, -1):
            value = names.get(" ".join(tokens[at : at + length]))
            if value:
                yield Mention(value, text, not _is_negated(tokens, at))
                at += length - 1
                break
        at += 1


def _is_negated(tokens: Sequence[str], at: int) -> bool:
    for word in reversed(tokens[max(0, at - _NEGATION_REACH) : at]):
        if word in _MARKS:
            return False
        if word in _NEGATIONS:
            return True
    return False
