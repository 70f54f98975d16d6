"""Texts as the numbers of word pieces, as BERT's uncased vocabulary has them."""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

MOST_TOKENS = 128
"""With the two at the ends. What is said beyond that adds little to what is meant."""
_LONGEST_WORD = 100
_KEPT_CONTROLS = frozenset("\t\n\r")
_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


class WordPieces:
    """Greedy longest match from the left; `vocabulary` has one piece a line, its number being the line's."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown = self._numbers["[UNK]"]
        self._start = self._numbers["[CLS]"]
        self._end = self._numbers["[SEP]"]
        self._split_word = lru_cache(maxsize=20_000)(self._split)

    def number(self, text: str) -> list[int]:
        """The text's pieces between the marks of start and end; at most `MOST_TOKENS`."""
        numbers = [self._start]
        for word in split_words(text):
            numbers += self._split_word(word)
            if len(numbers) >= MOST_TOKENS:
                break
        return [*numbers[: MOST_TOKENS - 1], self._end]

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST_WORD:
            return (self._unknown,)
        pieces = []
        start = 0
        while start < len(word):
            mark = "##" if start else ""
            for end in range(len(word), start, -1):
                number = self._numbers.get(mark + word[start:end])
                if number is not None:
                    pieces.append(number)
                    start = end
                    break
            else:
                return (self._unknown,)
        return tuple(pieces)


def split_words(text: str) -> Iterator[str]:
    """Words in lower case without accents; each mark of punctuation and each CJK character is one."""
    word: list[str] = []
    for character in unicodedata.normalize("NFD", text.lower()):
        category = unicodedata.category(character)
        if category == "Mn" or character in "\0�" or _is_control(character, category):
            continue
        is_alone = _is_punctuation(character, category) or _is_cjk(character)
        if (is_alone or character.isspace()) and word:
            yield "".join(word)
            word = []
        if is_alone:
            yield character
        elif not character.isspace():
            word.append(character)
    if word:
        yield "".join(word)


def _is_control(character: str, category: str) -> bool:
    return category.startswith("C") and character not in _KEPT_CONTROLS


def _is_punctuation(character: str, category: str) -> bool:
    return category.startswith("P") or (character.isascii() and category in ("Sm", "Sc", "Sk"))


def _is_cjk(character: str) -> bool:
    code = ord(character)
    return code > 0x2E7F and any(first <= code <= last for first, last in _CJK)
