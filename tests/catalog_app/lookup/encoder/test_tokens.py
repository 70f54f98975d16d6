import pytest

from catalog_app.lookup.encoder.tokens import MOST_TOKENS, WordPieces, split_words
from catalog_app.lookup.encoder.weights import WeightsUnusable, find_folder

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##aff", "##able", "pay", "##ing", "a", "!", "東"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        (" \t\n", []),
        ("Naïve CAFÉ", ["naive", "cafe"]),
        ("don't pay $5", ["don", "'", "t", "pay", "$", "5"]),
        ("a\0b\u200bc\ufffd", ["abc"]),
        ("x東京y", ["x", "東", "京", "y"]),
    ],
)
def test_words_are_split_as_bert_splits_them(text: str, words: list[str]) -> None:
    assert list(split_words(text)) == words


def test_words_become_the_longest_pieces_and_unknown_ones_one_mark() -> None:
    pieces = WordPieces(VOCABULARY)
    assert pieces.number("unaffable, paying") == [2, 4, 5, 6, 1, 7, 8, 3]
    assert pieces.number("a" * 101) == [2, 1, 3]
    assert pieces.number("unx 東!") == [2, 1, 11, 10, 3]


def test_long_texts_are_cut() -> None:
    numbers = WordPieces(VOCABULARY).number("a " * 1_000)
    assert (len(numbers), numbers[-1]) == (MOST_TOKENS, 3)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (
            "Let people sign in with their Google account!",
            [101, 2292, 2111, 3696, 1999, 2007, 2037, 8224, 4070, 999, 102],
        ),
        (
            "na\xefve caf\xe9 \u2013 \u6771\u4eac \u21165 don't",
            [101, 15743, 7668, 1516, 1879, 1755, 1578, 2629, 2123, 1005, 1056, 102],
        ),
        (
            "supercalifragilistic \U0001f642 e-mail",
            [101, 3565, 9289, 10128, 29181, 24411, 4588, 100, 1041, 1011, 5653, 102],
        ),
    ],
)
def test_with_the_real_vocabulary_the_numbers_are_those_of_its_own_tokenizer(
    text: str, numbers: list[int]
) -> None:
    try:
        vocabulary = (find_folder() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    except WeightsUnusable:
        pytest.skip("the weights are not installed")
    assert WordPieces(vocabulary).number(text) == numbers
