"""What a feature says of itself, as the texts that requests are compared with."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class FeatureTexts:
    """What curators say of one feature, as far as people could ask for it."""

    slug: str
    title: str
    description: str = ""
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()

    @property
    def names(self) -> str:
        """All that it is called."""
        return ", ".join([self.title, *self.aliases])

    @property
    def whole(self) -> str:
        said = f"{self.title}. {self.description}" if self.description else f"{self.title}."
        return f"{said} {', '.join(self.aliases)}" if self.aliases else said

    @property
    def encoded(self) -> tuple[str, ...]:
        """The texts that have a vector: all of it, its names, then each phrase."""
        return (self.whole, self.names, *self.phrases)


def digest_text(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:DIGEST_BYTES]


def join_terms(terms: Sequence[str]) -> str:
    """Terms as one text, in the way of a feature's names."""
    return ", ".join(term.strip() for term in terms if term.strip())
