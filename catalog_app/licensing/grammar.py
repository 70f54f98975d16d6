"""From a text to words and operators, and from settled words to a tree. Knows no licence by name."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from catalog_app.licensing.expressions import License, Node, all_of, any_of, with_rider

MAX_DEPTH = 40
MAX_LICENSES = 1_000


class Kind(Enum):
    NAME = auto()
    ADDITION = auto()
    """A name after WITH."""
    AND = auto()
    OR = auto()
    WITH = auto()
    SEPARATOR = auto()
    """What lists use: a comma, a slash, a plus that stands alone."""
    OPEN = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Rider:
    """An exception, or a condition that limits a licence; never a licence by itself."""

    id: str


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    text: str
    item: License | Rider | None = None
    """What a name or an addition turned out to be."""


class GrammarError(Exception):
    def __init__(self, detail: str, *, is_too_large: bool = False) -> None:
        super().__init__(detail)
        self.is_too_large = is_too_large


_PIECE = re.compile(r"[()]|[,;|&/]+|[^\s(),;|&/]+")
_OPERATORS = {"and": Kind.AND, "or": Kind.OR, "with": Kind.WITH}
_MARKS = {"(": Kind.OPEN, ")": Kind.CLOSE, "+": Kind.SEPARATOR}


def split(text: str) -> list[Token]:
    """Names are runs of words: "Apache 2.0 OR MIT" has two. Raises GrammarError when it is too large."""
    tokens: list[Token] = []
    words: list[str] = []
    depth = 0

    def end_name() -> None:
        if words:
            follows_with = bool(tokens) and tokens[-1].kind is Kind.WITH
            tokens.append(Token(Kind.ADDITION if follows_with else Kind.NAME, " ".join(words)))
            words.clear()

    for piece in _PIECE.findall(text):
        kind = _kind_of(piece)
        if kind is Kind.NAME:
            words.append(piece)
            continue
        end_name()
        tokens.append(Token(kind, piece))
        depth += {Kind.OPEN: 1, Kind.CLOSE: -1}.get(kind, 0)
        if depth > MAX_DEPTH:
            raise GrammarError(f"parentheses are nested deeper than {MAX_DEPTH}", is_too_large=True)
    end_name()
    if sum(token.kind in (Kind.NAME, Kind.ADDITION) for token in tokens) > MAX_LICENSES:
        raise GrammarError(f"there are more than {MAX_LICENSES} licences in it", is_too_large=True)
    return _join_separators(tokens)


def _kind_of(piece: str) -> Kind:
    if kind := _OPERATORS.get(piece.lower()) or _MARKS.get(piece):
        return kind
    return Kind.SEPARATOR if piece[0] in ",;|&/" else Kind.NAME


def _join_separators(tokens: list[Token]) -> list[Token]:
    """ "A, and B" and "A and/or B" have one separator, which leaves open what it means."""
    joining = (Kind.AND, Kind.OR, Kind.SEPARATOR)
    joined: list[Token] = []
    for token in tokens:
        is_joining = token.kind in joining and bool(joined) and joined[-1].kind in joining
        if is_joining and Kind.SEPARATOR in (token.kind, joined[-1].kind):
            joined[-1] = Token(Kind.SEPARATOR, f"{joined[-1].text} {token.text}")
        else:
            joined.append(token)
    return joined


def is_compound(text: str) -> bool:
    return any(_kind_of(piece) is not Kind.NAME for piece in _PIECE.findall(text))


def build(tokens: Sequence[Token], *, separator: Kind) -> Node | Rider:
    """The tree, with separators read as AND or OR. Every name of the tokens has its item.

    A rider that is joined to licences by AND or OR limits all of them: nobody is offered a condition to
    choose. Raises GrammarError.
    """
    builder = _Builder([_reread(token, separator) for token in tokens])
    found = builder.any_of()
    if rest := builder.peek():
        raise GrammarError(f"an operator is missing before {_shown(rest)}")
    return found


def _reread(token: Token, separator: Kind) -> Token:
    return Token(separator, token.text) if token.kind is Kind.SEPARATOR else token


def _shown(token: Token | None) -> str:
    return f'"{token.text[:60]}"' if token else "the end"


class _Builder:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.place = 0

    def peek(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def take(self, *kinds: Kind) -> Token | None:
        token = self.peek()
        if token is None or token.kind not in kinds:
            return None
        self.place += 1
        return token

    def any_of(self) -> Node | Rider:
        parts = [self.all_of()]
        while self.take(Kind.OR):
            parts.append(self.all_of())
        return _limited(any_of, parts)

    def all_of(self) -> Node | Rider:
        parts = [self.with_addition()]
        while self.take(Kind.AND):
            parts.append(self.with_addition())
        return _limited(all_of, parts)

    def with_addition(self) -> Node | Rider:
        found = self.one()
        if not self.take(Kind.WITH):
            return found
        addition = self.take(Kind.ADDITION)
        if addition is None or not isinstance(addition.item, Rider):
            raise GrammarError("WITH is followed by the id of an exception")
        if not isinstance(found, License) or found.exception:
            raise GrammarError("WITH belongs to one licence, and takes one exception")
        return License(found.id, found.is_or_later, addition.item.id)

    def one(self) -> Node | Rider:
        if self.take(Kind.OPEN):
            found = self.any_of()
            if not self.take(Kind.CLOSE):
                raise GrammarError(f"a parenthesis is not closed before {_shown(self.peek())}")
            return found
        token = self.take(Kind.NAME)
        if token is None or token.item is None:
            raise GrammarError(f"a licence is missing before {_shown(self.peek())}")
        return token.item


def _limited(join: Callable[[list[Node]], Node], parts: list[Node | Rider]) -> Node | Rider:
    nodes = [part for part in parts if not isinstance(part, Rider)]
    riders = [part for part in parts if isinstance(part, Rider)]
    if not nodes:
        return riders[0]
    node = join(nodes)
    for rider in riders:
        node = with_rider(node, rider.id)
    return node
