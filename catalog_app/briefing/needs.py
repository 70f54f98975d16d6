"""Sentences that ask for something: who can do what, what is needed, what to make. Pure."""

import re
from dataclasses import dataclass

from catalog_app.briefing.sentences import split_listed
from catalog_app.briefing.words import IMPERATIVE, PEOPLE, PRODUCTS

_MODAL = (
    r"(?:can|may|must|shall|should|could|will|needs? to|has to|have to|wants? to|would like to|(?:is|"
    r"are) able to|"
    r"should be able to|must be able to|(?:is|are) allowed to|gets? to)"
)
_WANT = (
    r"(?:needs?|wants?|would like|would love|requires?|must have|should have|could have|has to have|"
    r"have to have|asks? for)"
)
_ASKING = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bas (?:an?|the) .{1,60}?,? (?:i|we) (?:want|need|would like|can|expect|must|should|have)\b",
        rf"(?:^|\b(?:and|that|so|then|where|if|when|which|because|,)\s+|,\s*)(?:(?:the|an?|each|every|all|"
        rf"any|only|our|new|their|both|"
        rf"other|some|most|\w+ed)\s+)*(?:[\w-]+\s+){{0,2}}(?:{PEOPLE}|{PRODUCTS}|it|we|i|you|this|there|"
        rf"which)\s+"
        rf"(?:also\s+|then\s+|only\s+|always\s+)?{_MODAL}\b",
        rf"^(?!(?:who|how|what|why|if)\b)(?:\S+\s+){{0,6}}{_MODAL}\s+(?:also\s+|only\s+|always\s+)?(?:be\s+)?\w+",
        rf"^(?:so,?\s+|and\s+|also,?\s+)?(?:\S+\s+){{0,4}}{_WANT}\s+\S",
        rf"^(?:(?:the|our|an?|this|each|every)\s+)?(?:[\w-]+\s+){{0,2}}(?:{PRODUCTS}|it|this|"
        rf"that)\s+(?:also\s+|then\s+|always\s+)?"
        rf"(?!is\b|was\b|has been\b|means\b|helps\b|does\b|costs\b|takes\b|depends\b|looks\b|"
        rf"seems\b)[a-z]{{3,}}s\b",
        rf"^(?:(?:the|our|an?|each|every|all|any|only|new|registered|signed-in|logged-in|paying|other)\s+)*"
        rf"{PEOPLE}\s+(?:also\s+|then\s+|only\s+|always\s+)?"
        rf"(?!are\b|were\b|have\b|had\b|do\b|did\b|complain|struggle|lose\b|waste|hate|love\b|like\b|know\b|"
        rf"think|say\b|and\b|or\b|"
        rf"of\b|in\b|at\b|who\b|that\b|with\b|from\b|for\b|spend|fail|leave\b|is\b|was\b|has\b|believe|"
        rf"find it\b|cannot\b|use\b|"
        rf"ask\b|forget|often|usually|sometimes|rarely|never|don|work\b|call\b|email us\b)[a-z]{{3,}}\b",
        r"\b(?:allow|allows|let|lets|enable|enables)\s+(?:the |an? |our |all |only )?\w+",
        r"\b(?:is|are) (?:needed|required|sent|shown|logged|stored|recorded|exported|imported|kept|created|"
        r"generated|"
        r"encrypted|notified|charged|invoiced|limited|listed|deleted|archived)\b",
        r"^there (?:must|should|shall|needs? to|has to|will|is to|are to) be\b|^there'?s (?:a|an)\b",
        r"^(?:how about|it would be (?:nice|good|great|lovely)|would be (?:nice|good|great)|ideally|"
        r"optionally|if possible)\b",
    )
)
_THINGS = re.compile(
    rf"^(?:so,?\s+|also,?\s+|and\s+|please,?\s+|ideally,?\s+)?(?:(?:we|i|you|they|it|this|{PEOPLE}|(?:the|"
    rf"our)\s+"
    rf"(?:{PRODUCTS}|{PEOPLE}|version|release))\s+)(?:also\s+|really\s+|only\s+)*"
    rf"(?:{_WANT}|needs? to have|offers?|must offer|should offer|includes?|must include|should include|"
    rf"supports?|"
    rf"must support|should support|comes with|has|gets)\s+(?P<things>(?!to\b)\S.*?)[.!]?$",
    re.IGNORECASE,
)
_ADD = re.compile(
    r"^(?:please\s+)?(?:add|include|support|provide|offer|implement|have)\s+(?P<things>\S.*?)[.!]?$",
    re.IGNORECASE,
)
_PRODUCT = (
    re.compile(
        rf"^(?:so,?\s+|in short,?\s+)?(?:(?:we|i)(?:['\u2019]d| would)?(?:['\u2019]re|['\u2019]m| are|"
        rf" am)?\s+(?:also\s+)?(?:want|need|like|"
        r"look(?:ing)? for|build(?:ing)?|plan(?:ning)?|mak(?:e|ing)|creat(?:e|ing)|"
        r"going)(?:\s+to\s+(?:build|make|create|"
        r"have|launch|get|offer|start|replace .{1,40} with))?|(?:please\s+)?(?:build|create|make|develop|"
        r"write)"
        r"(?:\s+(?:me|us))?|(?:this|it|the (?:goal|aim|idea|plan|product|app|project|result))\s+(?:is|"
        r"will be|should be)"
        r"(?:\s+to\s+(?:build|make|create|have|launch))?)\s+(?:an?|our|the|one)\s+"
        rf"(?:[\w-]+,?\s+){{0,7}}?{PRODUCTS}\b(?P<tail>.*)$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^(?:an?|the|our)\s+(?:[\w-]+,?\s+){{0,5}}?{PRODUCTS}(?P<tail>(?:\s+(?:for|with|that|which|where|"
        rf"to)\b.*)?)$",
        re.IGNORECASE,
    ),
    re.compile(r"^[A-Z]\w+(?: [A-Z]\w+)?\s+(?:is|will be)\s+(?:an?|our|the)\s+(?P<tail>.*)$"),
)
_WITH = re.compile(r"\bwith\s+(?P<things>[^.;]+?)[.!]?$", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:(?:also|an?|the|some|our|support for|at least|both|things like|features like)\s+)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Need:
    """`things` are what is asked for where the sentence names several; else the sentence says it. `parts`
    are those of a whole application ("a shop with login and billing")."""

    things: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def find_need(text: str) -> Need | None:
    """What the sentence asks for, or None."""
    product = _product(text)
    if product:
        return Need(parts=_parts(product))
    named = _THINGS.match(text) or _ADD.match(text)
    if named:
        things = split_listed(named["things"])
        return Need(tuple(_LEAD.sub("", thing) for thing in things) if len(things) > 1 else ())
    if is_action(text) or any(pattern.search(text) for pattern in _ASKING):
        return Need()
    return None


def is_action(text: str) -> bool:
    """`Send invoices by mail`: a sentence that starts with what to do."""
    return bool(IMPERATIVE.match(text))


def is_product(text: str) -> bool:
    """Whether the sentence speaks of the application as a whole: "we want to build a shop for …"."""
    return _product(text) is not None


def _product(text: str) -> re.Match[str] | None:
    return next((match for pattern in _PRODUCT if (match := pattern.match(text))), None)


def _parts(product: re.Match[str]) -> tuple[str, ...]:
    match = _WITH.search(product["tail"])
    if not match:
        return ()
    things = split_listed(match["things"])
    named = tuple(_LEAD.sub("", thing) for thing in things)
    return named if len(named) > 1 or len(named[0].split()) <= 4 else ()
