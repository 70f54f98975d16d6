"""What a sentence says there must not be: "no X", "without X", "X is not needed". Pure."""

import re
from dataclasses import dataclass, replace

from catalog_app.briefing.sentences import split_refused
from catalog_app.briefing.words import IMPERATIVE, PEOPLE, PRODUCTS, count_words

_NOT = r"(?:\s+not|n['\u2019]?t)"
_START = re.compile(
    r"(?:(?:and|but|also|please|absolutely|definitely|strictly|explicitly)\s+)*"
    r"(?P<word>no|without|not|non|none of|minus|excluding|except)(?:\s+|-(?=\w))"
    r"(?:(?:need|use|support|place) (?:for|of)\s+)?(?P<what>\S.*)",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    rf"\b(?:(?:must|should|shall|may|will|would|do|does|can|need)(?:{_NOT}|not\b)|won['\u2019]?t|cannot)\s+"
    r"(?:(?:ever|really|actually|currently)\s+)?"
    r"(?P<verb>include|use|support|contain|offer|need|want|require|add|build|integrate|depend on|rely on|"
    r"provide|plan|implement|have)\s+(?P<what>(?!to\b)\S.*)",
    re.IGNORECASE,
)
_NOT_NEEDED = re.compile(
    r"(?P<what>[^.;:,]+?)\s*[,:(\u2013—-]?\s*(?:\b(?:is|are|was|will be|would be)\s*(?:explicitly\s+|"
    r"definitely\s+)?)?"
    r"(?:\bnot|n['\u2019]t)\s+(?:be\s+)?(?:really |strictly |yet )?"
    r"(?:needed|required|wanted|necessary|planned|in scope|part of|included|desired|an option|"
    r"a goal)\b(?P<rest>.*)",
    re.IGNORECASE,
)
_OUT_OF_SCOPE = re.compile(
    r"(?P<what>[^.;:,]+?)\s*[,:(\u2013—-]?\s*(?:\b(?:is|are|will be|would be)\s+)?(?:explicitly\s+|"
    r"definitely\s+)?"
    r"(?:out of scope|excluded|left out|off the table)\b\)?(?P<rest>.*)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?P<what>[^:]{2,80}):\s*(?:no|none|never|not needed|n/a|out of scope|won'?t)\.?", re.I
)
_SKIP = re.compile(
    r"(?:please\s+)?(?:(?:we|you)\s+(?:can|could|should|will)\s+)?(?:please\s+)?"
    r"(?:skip|avoid|omit|leave out|leave away|do without|live without|forget about|exclude)\s+(?P<what>\S.*)",
    re.IGNORECASE,
)
_NONE_THERE = re.compile(
    rf"(?:there (?:is|are|must be|should be|shall be|will be)(?: to be)?|(?:it|we|i|they|the {PRODUCTS})\s+"
    rf"(?:needs?|wants?|must have|should have|shall have|will have|gets?))\s+no\s+(?P<what>\S.*)",
    re.IGNORECASE,
)
_INNER = re.compile(
    r"\s*(?P<joint>[,;(\u2013—]|\s-|\s(?:but|and)(?=\s))\s*(?:(?:but|and|with|it has|it needs|there is|"
    r"there are|"
    r"absolutely|definitely|please)\s+)*(?P<word>no|not|without|excluding|minus)\s+(?P<what>[^,;()]+)\)?",
    re.IGNORECASE,
)
_WITHOUT = re.compile(r"(?P<head>\S.*?)\s(?:without|with no)\s+(?P<what>\S.*)", re.IGNORECASE)
_NOT_REFUSED = re.compile(
    r"(?:more|less|fewer|later|longer|sooner|one|matter|doubt|problem|idea|way|change|need to|only|just|yet|"
    r"every|everyone|all|sure|applicable|until|before|if|when|because|to|in|for|by|at|as|even|necessarily|"
    r"having|ever|having to|other|worse|better|even|\d\S*)\b",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"(?:[^\s:,;]+\s+){1,4}?(?:may|can|should|must|shall|will|is|are|has|have|gets?|leaves?|sees?|ever|happens?|"
    r"goes)\s",
    re.IGNORECASE,
)
_MANNER = re.compile(
    r"(?:an? |any |the |having |a password |an |their |signing |logging )*(?:\w+ing\b|accounts?\b|"
    r"sign[- ]?ups?\b|"
    r"registration\b|log ?ins?\b|passwords?\b|reloads?\b|help\b|delay\b|downtime\b|loss\b|interruption\b|"
    r"permission\b|asking\b|errors?\b|human\b|anybody\b|anyone\b|us\b|them\b|it\b)",
    re.IGNORECASE,
)
_ACTION = re.compile(
    rf"(?:{PEOPLE}|the {PEOPLE}|an? {PEOPLE}|\w+ {PEOPLE})\b|.*\b(?:can|able to|let|lets|allows?)\b", re.I
)
_VERB = re.compile(
    r"^(?:do not|don['\u2019]t|never|not)\b|\b(?:is|are|be|been|being|works?|runs?|was|were|goes|happens?)\b",
    re.IGNORECASE,
)
_BUILD = re.compile(r"(?:build|create|make|write|give|we|i|it|please)\b", re.IGNORECASE)
_SUBJECT = re.compile(
    rf"(?:^|[,;]|\s(?:and|but|so))\s*(?:but\s+|and\s+)?(?:we|i|you|it|they|this|the {PRODUCTS}|the {PEOPLE}|"
    rf"{PEOPLE}|{PRODUCTS})?\s*(?:also|really|definitely|explicitly)?\s*$",
    re.IGNORECASE,
)
_FACT = re.compile(r"\b(?:we|i|they)\s*(?:currently\s*|also\s*)?$", re.IGNORECASE)
_TAIL = re.compile(
    r"\s*(?:[:;\u2013—]\s|\s-\s|,\s+(?=(?:but|just|only|since|because|as|so|which|that|instead|the|we|it|"
    r"they|for)\b)|"
    r"\.\s|\(|\s(?=(?:because|since|as (?:we|it|they)|instead of|so that|so|which|but|just|whatsoever|at all|"
    r"for now|for the moment|at launch|at first|please|needed|required|in the first|in v\d|in version|"
    r"for the first|anywhere|yet|either)\b))",
    re.IGNORECASE,
)
_IDLE = re.compile(
    r"(?:please|at all|for now|for the moment|whatsoever|yet|either|needed|required|at launch|at first|"
    r"anywhere|"
    r"in (?:the first|v1|version 1)(?: \w+)?|for the first \w+|in it|here)[\s.!)]*",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"^(?:(?:any|an?|the|our|such|kind of|support for|need for|use of|of)\s+)+", re.IGNORECASE
)
_INSTEAD = re.compile(r"^(?:but|just|only|instead|instead:)\s+(?:just\s+|only\s+)?", re.IGNORECASE)
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Refusal:
    """`what` is not wanted, by its name. `before` and `after` are the rest of the sentence, read on their
    own; `condition` is what the refusal says of the thing that is wanted ("without Google"), `instead` what
    is wanted in its place."""

    what: tuple[str, ...]
    before: str = ""
    after: str = ""
    condition: str = ""
    instead: str = ""


def find_refusal(text: str) -> Refusal | None:
    """What the text refuses first, if it does. Rules ("no user may see …", "no more than 5") and manners
    ("without waiting", "without an account") refuse nothing."""
    return _whole(text) or _negated(text) or _inner(text) or _without(text)


def read_refused(text: str) -> Refusal:
    """A text that stands where only refused things do: its name, and what is said about it."""
    start = _START.match(text)
    return _refusal(start["what"] if start else text) or Refusal((text.strip(),))


def _whole(text: str) -> Refusal | None:
    """The whole text is a refusal."""
    start = _START.match(text)
    if start:
        what = start["what"]
        is_manner = start["word"].lower() == "without" and "," in what and _MANNER.match(what)
        if _NOT_REFUSED.match(what) or is_manner or (start["word"].lower() == "no" and _RULE.match(what)):
            return None
        return _refusal(what)
    for pattern in (_SKIP, _NONE_THERE):
        match = pattern.match(text)
        if match and not _NOT_REFUSED.match(match["what"]):
            return _refusal(match["what"])
    match = _LABELLED.fullmatch(text)
    if match:
        return _refusal(match["what"])
    match = _NOT_NEEDED.match(text) or _OUT_OF_SCOPE.match(text)
    if match and count_words(match["what"]) <= _MOST_WORDS:
        found = _refusal(match["what"])
        rest = match["rest"].strip(" .,;:)\u2013—-")
        return replace(found, after=" ".join(filter(None, (found.after, rest)))) if found else None
    return None


def _negated(text: str) -> Refusal | None:
    """`We do not want X`, also behind something that is wanted."""
    match = _NEGATED.search(text)
    if not match or _NOT_REFUSED.match(match["what"]):
        return None
    before = text[: match.start()]
    subject = _SUBJECT.search(before)
    if not subject or (match["verb"].lower() == "have" and _is_fact(before, match[0])):
        return None
    found = _refusal(match["what"])
    return found and replace(found, before=before[: subject.start()].strip(" ,;"))


def _inner(text: str) -> Refusal | None:
    """`Login, but no Google`, `a shop (without reviews)`."""
    for match in _INNER.finditer(text):
        what, word = match["what"], match["word"].lower()
        is_plain = (
            match["joint"].strip().lower() in (",", ";", "-", "\u2013", "—", "and")
            and "but" not in match[0].lower()
        )
        if (
            not text[: match.start()].strip()
            or _NOT_REFUSED.match(what)
            or (word == "no" and _RULE.match(what))
            or (word == "not" and is_plain)
            or (word == "without" and re.match(r"\w+ing\b", what))
            or count_words(what) > _MOST_WORDS
        ):
            continue
        found = _refusal(what)
        if found:
            rest = text[match.end() :].strip(" ,;.")
            after = " ".join(filter(None, (found.after, re.sub(r"^(?:and|but)\s+", "", rest, flags=re.I))))
            return replace(found, before=text[: match.start()].strip(" ,;\u2013—-"), after=after)
    return None


def _without(text: str) -> Refusal | None:
    """`Login without Google` wants a login. What somebody can do without something is a manner."""
    match = _WITHOUT.match(text)
    if not match:
        return None
    head, what = match["head"], match["what"]
    is_action = (
        _ACTION.match(head) or _VERB.search(head) or (IMPERATIVE.match(head) and not _BUILD.match(head))
    )
    if is_action or _MANNER.match(what) or _NOT_REFUSED.match(what) or count_words(what) > _MOST_WORDS:
        return None
    found = _refusal(what)
    return found and replace(found, before=head, condition=f"without {', '.join(found.what)}")


def _refusal(what: str) -> Refusal | None:
    tail = _TAIL.search(what)
    name, after = (what[: tail.start()], what[tail.end() :]) if tail else (what, "")
    name = _FIRST.sub("", name.strip(" .,;:!")).strip(" .,;:!\"'()")
    if not name:
        return None
    whats = tuple(_FIRST.sub("", part).strip() or part for part in split_refused(name))
    if _IDLE.fullmatch(after):
        return Refusal(whats)
    after = after.strip(" .)")
    instead = _INSTEAD.match(after)
    return Refusal(whats, instead=after[instead.end() :]) if instead else Refusal(whats, after=after)


def _is_fact(before: str, negated: str) -> bool:
    """`We do not have a designer` is how things are."""
    return bool(_FACT.search(before)) and bool(re.match(r"(?:do|does)", negated, re.IGNORECASE))
