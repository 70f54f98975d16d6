"""A change said in words: "the same, but with Stripe and without teams". Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from catalog_app.briefing.grounds import Ground
from catalog_app.briefing.keys import Keys, veto_key_of
from catalog_app.briefing.merging import merge_vetoes, merge_wishes
from catalog_app.briefing.sayings import MAX_QUOTE_LENGTH, SayingKind, understand_point
from catalog_app.briefing.sentences import split_refused, split_sentences
from catalog_app.briefing.sources import prepare
from catalog_app.briefing.types import Leftover, Place, Veto, Wish
from catalog_app.briefing.words import HAS_WORD, tidy
from catalog_app.choices import Strength

MAX_CHARACTERS = 20_000
_MOST_CLAUSES = 200


@dataclass(frozen=True, slots=True)
class Delta:
    """What to add, what to take away (in the speaker's words: nobody has looked yet what they mean), what to
    put in the place of what. What was not understood is in `leftovers`."""

    add: tuple[Wish, ...] = ()
    remove: tuple[Veto, ...] = ()
    replace: tuple[tuple[Veto, Wish], ...] = ()
    leftovers: tuple[Leftover, ...] = ()


_SAME = re.compile(
    r"(?:(?:exactly |just |pretty much |basically )?(?:the )?same(?: (?:as (?:before|last time|the template|"
    r"this|that)|thing|app|plan|one|again))*|"
    r"like (?:before|last time|this|that|the (?:last|other) one)|as (?:before|is)|"
    r"everything(?: else)?(?: as before| stays)?|"
    r"keep everything(?: else)?|this (?:one|plan|template))(?P<joint>\s*[,:;.\u2013—-]?\s*(?:but|only|"
    r"just|and|plus)?\b\s*|$)",
    re.IGNORECASE,
)
# What starts a clause. A clause ends where the next starts.
_STARTS = (
    r"(?:instead of|rather than|in place of|replace|replacing|swap(?: out)?|switch(?:ing)? (?:from|out)|"
    r"switch|exchange|"
    r"change|substitute|without|with no|no|minus|drop(?:ping)?|remove|removing|leave out|leaving out|"
    r"skip|omit|delete|"
    r"take out|take away|get rid of|forget(?: about)?|exclude|excluding|cut|don['\u2019]?t (?:need|want|"
    r"include)|do not (?:need|want|include)|"
    r"(?:we|i) (?:don['\u2019]?t|do not|no longer) (?:need|want)|with(?! no\b)|add(?:ing)?|plus|include|"
    r"including|also|"
    r"(?:we|i) (?:also )?(?:need|want)|use|using|have|give (?:it|us|me)|put in|bring in|except(?: for)?)"
)
_BREAK = re.compile(
    rf"(?:\s*[,;.]\s*(?:(?:and|but|then|also|plus|please)\s+)*|\s+(?:and|but|then|plus)\s+(?:also\s+|"
    rf"then\s+)?)(?={_STARTS}\b)",
    re.IGNORECASE,
)
_WITHOUT_INSIDE = re.compile(r"\s+(?=(?:without|but no|but not|minus)\s)", re.IGNORECASE)
_POLITE = re.compile(
    r"^(?:(?:please|but|and|then|also|plus|now|just|only|so|ok(?:ay)?|let['\u2019]?s|lets|can you|could you|"
    r"i['\u2019]?d like to|we['\u2019]?d like to|"
    r"(?:we|i) (?:want|would like|need) to|this time|except(?: that|(?=,? (?:with|no|use|add|replace|drop))))"
    r"[\s,:]+)+",
    re.IGNORECASE,
)
_REPLACE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:replace|replacing|substitute|exchange|swap out|swap|switch out)\s+(?P<old>\S.*?)\s+(?:with|by|"
        r"for|against|to)\s+(?P<new>\S.*)",
        r"(?:switch|switching|change|move|go)\s+(?:over\s+)?from\s+(?P<old>\S.*?)\s+to\s+(?P<new>\S.*)",
        r"(?:change|turn|switch)\s+(?P<old>\S.*?)\s+(?:to|into)\s+(?P<new>\S.*)",
        r"(?:instead of|rather than|in place of)\s+(?P<old>\S.*?)(?:\s*,\s*|\s+)(?:we |i )?(?:use|using|"
        r"with|take|have|want|need|put|add|"
        r"go with|give (?:it|us|me))\s+(?P<new>\S.*)",
        r"(?:instead of|rather than|in place of)\s+(?P<old>[^,]+?)\s*,\s*(?P<new>\S.*)",
        r"(?:(?:use|using|with|take|have|want|add|put in|(?:we |i )(?:use|want|"
        r"need))\s+)?(?P<new>\S.*?)\s*,?\s+"
        r"(?:instead of|rather than|in place of)\s+(?P<old>\S.*)",
        r"(?:(?:use|using|with|take)\s+)?(?P<new>\S.*?)\s*,\s*not\s+(?P<old>\S.*)",
        r"(?P<new>\S.*?)\s*,?\s*for\s+(?P<old>\S.*?)\s+instead",
    )
)
_REMOVE = re.compile(
    r"(?:without|with no|no|minus|not|drop(?:ping)?|remov(?:e|ing)|leav(?:e|ing) out|skip|omit|delete|"
    r"take (?:out|away)|get rid of|"
    r"forget(?: about)?|exclud(?:e|ing)|cut|except(?: for)?|(?:(?:we|i)\s+)?(?:don['\u2019]?t|do not|"
    r"no longer) (?:need|want|include))\s+(?P<what>\S.*)",
    re.IGNORECASE,
)
_NOT_NEEDED = re.compile(
    r"(?P<what>\S.*?)\s+(?:(?:is|are)\s+)?(?:not needed|not wanted|no longer needed|isn['\u2019]?t needed|"
    r"aren['\u2019]?t needed|"
    r"can go|goes away|out|goes)(?:\s+(?:any ?more|this time))?",
    re.IGNORECASE,
)
_ADD = re.compile(
    r"(?:with|add(?:ing)?|plus|includ(?:e|ing)|also|(?:we|i) (?:also )?(?:need|want)|us(?:e|ing)|have|"
    r"give (?:it|us|me)|put in|bring in)"
    r"\s+(?:also\s+)?(?P<what>\S.*)",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:(?:the|an?|any|our|all|support for)\s+)+(?=\S)", re.IGNORECASE)
_TRAILING = re.compile(
    r"\s*(?:,?\s*(?:please|instead|this time|any ?more|either|as well|too))+\s*$", re.IGNORECASE
)
_JOINTS = re.compile(r"\s*(?:,\s*(?:and|or|plus)?|\s(?:and|plus|&|\+)\s)\s*", re.IGNORECASE)
_MOST_PART_WORDS = 5


def read_delta(text: str) -> Delta:
    """The change that a text of some clauses asks for. Any text is read."""
    source = prepare(text)
    cut, rest = source.text[:MAX_CHARACTERS], source.text[MAX_CHARACTERS:]
    reading = _Reading()
    clauses = [(line, clause) for line, clause in _clauses(cut)]
    for line, clause in clauses[:_MOST_CLAUSES]:
        reading.take(clause, Place(line))
    for line, clause in clauses[_MOST_CLAUSES:]:
        reading.leave(clause, f"more than {_MOST_CLAUSES} changes at once", Place(line))
    if HAS_WORD.search(rest):
        reading.leave(rest.strip(), f"after the first {MAX_CHARACTERS:,} characters, which are read", Place())
    reading.leftovers += source.leftovers
    return reading.finish()


def says_same(text: str) -> bool:
    """Whether a text says of itself that it is a change: "the same, but"."""
    return bool(_SAME.match(strip_polite(text)))


def strip_polite(text: str) -> str:
    """Without "could you", "we want to" and the like in front."""
    return _POLITE.sub("", text.strip())


class _Reading:
    def __init__(self) -> None:
        self.add: list[Wish] = []
        self.remove: list[Veto] = []
        self.swaps: list[tuple[Veto, Wish]] = []
        self.leftovers: list[Leftover] = []

    def take(self, clause: str, place: Place) -> None:
        if len(clause) > MAX_QUOTE_LENGTH:
            self.leave(clause, f"longer than {MAX_QUOTE_LENGTH:,} characters without an end", place)
            return
        gone = _NOT_NEEDED.fullmatch(clause)
        for pattern in () if gone else _REPLACE:
            match = pattern.fullmatch(clause)
            if match and HAS_WORD.search(match["old"]) and HAS_WORD.search(match["new"]):
                old, new = _name(match["old"]), _name(match["new"])
                self.swaps.append((Veto("", old, places=(place,)), Wish("", new, places=(place,))))
                return
        match = _REMOVE.fullmatch(clause) or gone
        if match:
            self.remove += [
                Veto("", _name(what), places=(place,)) for what in split_refused(_name(match["what"]))
            ]
            return
        match = _ADD.fullmatch(clause)
        if match:
            self._add(match["what"], place)
        elif _SAME.fullmatch(clause):
            return
        else:
            self.leave(clause, "no change that could be recognised: say what to add, drop or replace", place)

    def leave(self, text: str, why: str, place: Place) -> None:
        self.leftovers.append(Leftover(text, why, place))

    def _add(self, what: str, place: Place) -> None:
        for part in _parts(_name(what)):
            for saying in understand_point(part, Ground.FEATURES):
                if saying.kind is SayingKind.VETO:
                    self.remove.append(Veto("", saying.text, places=(place,)))
                else:
                    strength = saying.strength or Strength.MUST
                    quote = saying.text if saying.kind is SayingKind.WISH else part
                    conditions = saying.constraints
                    self.add.append(
                        Wish("", quote, strength=strength, constraints=conditions, places=(place,))
                    )

    def finish(self) -> Delta:
        keys = Keys()
        return Delta(
            tuple(replace(wish, key=keys.take(wish.quote)) for wish in merge_wishes(self.add)),
            tuple(_keyed(veto, keys) for veto in merge_vetoes(self.remove)),
            tuple(
                (_keyed(old, keys), replace(new, key=keys.take(new.quote)))
                for old, new in dict.fromkeys(self.swaps)
            ),
            tuple(self.leftovers),
        )


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    """The clauses with their lines, from 1. Each starts with its verb, and points of a list are clauses."""
    for number, line in enumerate(text.split("\n"), start=1):
        bare = re.sub(r"^\s*(?:[-*+•\u2013—]|\d{1,3}[.)])\s+", "", line)
        for _, sentence in split_sentences(bare):
            rest = _POLITE.sub("", sentence.strip())
            same = _SAME.match(rest)
            if same:
                rest = rest[same.end() :]
            for piece in _BREAK.split(rest):
                for clause in _WITHOUT_INSIDE.split(piece) if not _is_swap(piece) else (piece,):
                    shown = _POLITE.sub("", clause.strip(" ,;.!")).strip(" ,;.!")
                    if HAS_WORD.search(shown):
                        yield number, shown


def _is_swap(clause: str) -> bool:
    bare = clause.strip(" ,;.!")
    return not _NOT_NEEDED.fullmatch(bare) and any(pattern.fullmatch(bare) for pattern in _REPLACE)


def _parts(text: str) -> tuple[str, ...]:
    """`Stripe and webhooks` are two things to add, as long as each is short."""
    parts = [part for part in _JOINTS.split(text) if HAS_WORD.search(part)]
    is_short = all(len(part.split()) <= _MOST_PART_WORDS for part in parts)
    return tuple(_ARTICLE.sub("", part) for part in parts) if len(parts) > 1 and is_short else (text,)


def _name(text: str) -> str:
    return tidy(_ARTICLE.sub("", _TRAILING.sub("", text.strip(" ,;.!\"'")))) or tidy(text)


def _keyed(veto: Veto, keys: Keys) -> Veto:
    return replace(veto, key=keys.take(veto.quote, veto_key_of(veto.quote)))
