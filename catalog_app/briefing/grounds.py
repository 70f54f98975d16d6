"""What stands under a heading, told from its words: "Non-goals" is not "Must have". Pure."""

import re
from enum import StrEnum

from catalog_app.briefing.words import PEOPLE, PRODUCTS, count_words, tidy


class Ground(StrEnum):
    """What the points under a heading are."""

    OPEN = "open"
    FEATURES = "features"
    SHOULD = "should"
    VETOES = "vetoes"
    LIMITS = "limits"
    SUMMARY = "summary"
    GOALS = "goals"
    BACKGROUND = "background"
    PEOPLE = "people"
    TIMES = "times"
    QUESTIONS = "questions"
    PAPERWORK = "paperwork"
    PROJECT_TYPE = "project_type"

    @property
    def why_nothing(self) -> str:
        """Why nothing under such a heading is asked for; "" where something may be."""
        return _WHY_NOTHING.get(self, "")

    @property
    def is_wanted(self) -> bool:
        return self in (Ground.FEATURES, Ground.SHOULD)

    @property
    def is_within_wanted(self) -> bool:
        """Whether a part of a list of features may be such a ground. "Contacts" is a feature there."""
        return self in (Ground.FEATURES, Ground.SHOULD, Ground.VETOES, Ground.LIMITS)


_WHY_NOTHING = {
    Ground.BACKGROUND: "background",
    Ground.PEOPLE: "says who uses it",
    Ground.TIMES: "says when, not what",
    Ground.QUESTIONS: "an open question of the text itself",
    Ground.PAPERWORK: "about the document, not the application",
}
_BEFORE = (
    r"(?:(?:the|our|a|an|all|any|key|main|core|other|further|more|some|project|product|business|system|"
    r"general|high[- ]level|basic|important|known|initial|first|brief|short)\s+)*"
)
_WANT = r"(?:want|need|ask for|expect|require|would like|are looking for)"
# In this order: "not in scope" before "scope".
_PATTERNS: tuple[tuple[Ground, str], ...] = (
    (
        Ground.VETOES,
        r"(?:won'?t|will not|must not|should not) (?:have|do|build|be built)|"
        r"(?:explicitly )?out[- ]of[- ]scope|"
        r"non[- ]?(?:goals?|features?|requirements?)|anti[- ]?goals?|exclusions?|(?:explicitly )?excluded|"
        r"(?:definitely |explicitly )?not (?:in scope|needed|wanted|required|included|planned|"
        r"part of .{1,40}|"
        rf"now|doing|building)|(?:what )?(?:we|i) (?:do not|don'?t|won'?t) (?:{_WANT}|do|build)(?: to have)?|"
        r"(?:please )?(?:no|none|without|do not build|don'?t build|leave out|skip|avoid)|won'?ts?",
    ),
    (
        Ground.SHOULD,
        r"(?:should|could|may|might)(?:[- ]haves?)?|(?:would be )?nice[- ]to[- ]haves?|(?:would be )?nice|"
        r"optional(?: features?| requirements?)?|stretch(?: goals?)?|wish ?list|bonus|later(?: on)?|"
        r"(?:in )?(?:the )?future(?: .{1,30})?|second (?:phase|stage|step|release|version)|"
        r"(?:phase|stage|step|release|version|v)[- ]?[2-9](?:\.\d+)?|ideas(?: for later)?|"
        r"if (?:there is time|possible)",
    ),
    (
        Ground.LIMITS,
        r"constraints?(?: .{1,30})?|limits|limitations|non[- ]?functional(?: requirements?)?|nfrs?|"
        r"assumptions?|"
        r"technical (?:requirements?|constraints?|choices|stack|notes|decisions|environment|details)|"
        r"tech(?:nology)?(?: stack| choices?)?|technologies|stack|architecture|infrastructure|hosting|"
        r"deployment|operations|environment|performance|scalability|availability|reliability|compliance|"
        r"regulations?|legal|slas?|slos?|service levels?|quality(?: attributes)?|budget|costs?|conditions|"
        r"guard ?rails|ground rules|rules|non[- ]?negotiables?",
    ),
    (
        Ground.PROJECT_TYPE,
        r"(?:app(?:lication)? )?type|(?:project|product|app(?:lication)?)[- _]type|kind of project",
    ),
    (
        Ground.PAPERWORK,
        r"(?:table of )?contents|toc|change ?log|change history|revisions?(?: history)?|"
        r"document history|"
        r"glossary|terms used|references?|(?:further )?links|appendix(?: .{0,30})?|authors?|"
        r"document(?: info(?:rmation)?| control)?|sign[- ]?offs?|acknowledge?ments?|meta ?data|"
        r"about this document|how to read this(?: document)?|notes for reviewers",
    ),
    (
        Ground.PEOPLE,
        r"(?:target )?(?:users?|audience|groups?|customers?)|personas?|stakeholders?|(?:user )?roles|actors?|"
        r"who (?:it is|it'?s|this is|is it) for|who (?:uses|will use) (?:it|this)|users? and roles|"
        r"(?:who are )?(?:the|our) users|(?:the )?team",
    ),
    (
        Ground.TIMES,
        r"time ?lines?|milestones?|schedule|deadlines?|release plan|road ?map|dates|phases|delivery|"
        r"next steps",
    ),
    (
        Ground.QUESTIONS,
        r"(?:open |unanswered )?questions?|open (?:points|issues)|to be (?:decided|clarified|discussed)|tbd|"
        r"unknowns|"
        r"(?:what )?we (?:do not|don'?t) know(?: yet)?|risks?(?: and .{1,30})?",
    ),
    (
        Ground.GOALS,
        r"goals?|objectives?|success(?: criteria| metrics)?|kpis?|metrics|vision|mission|purpose|"
        r"why(?: .{1,40})?|"
        r"outcomes?|what success looks like",
    ),
    (
        Ground.SUMMARY,
        r"(?:executive )?summary|overview|introduction|intro|abstract|tl;?dr|in short|in a nutshell|"
        r"description|"
        r"elevator pitch|(?:the )?idea|what (?:is it|it is|this is)|what we(?: are|"
        r"'re)? (?:want to )?build(?:ing)?|"
        r"at a glance|about",
    ),
    (
        Ground.BACKGROUND,
        r"background|context|(?:the )?problems?(?: statement)?|situation|current (?:state|situation|process)|"
        r"(?:how (?:it|things) work(?:s)? )?today|status quo|about (?:us|the company|our company)|who we are|"
        r"motivation|market|competit(?:ion|ors)|history of .{1,30}|pain points",
    ),
    (
        Ground.FEATURES,
        r"features?(?: list| requests?| set)?|(?:functional |user |feature )?requirements?|functional(?:ity|"
        r" scope)?|"
        r"functions?|(?:in )?scope|(?:absolute )?must(?:[- ]haves?)?|musts|(?:user )?stories|capabilit(?:y|"
        r"ies)|"
        r"modules|use cases|epics?|mvp(?: scope| features)?|needs|deliverables|"
        rf"what (?:it|we|i|you|{PEOPLE}|the {PRODUCTS}) (?:should|must|can|needs?(?: to)?|wants?(?: to)?|"
        rf"has to|"
        r"will|does|do|get)(?: be able to)?(?: do| have| be)?|(?:first|initial|launch) (?:version|release|"
        r"scope)|"
        r"version 1(?:\.0)?|v1|"
        rf"(?:we|i|{PEOPLE}) (?:really |also )?{_WANT}(?: to (?:have|be able to))?|"
        rf"(?:the |our |an? |each |every )?(?:{PEOPLE}|{PRODUCTS}|it|we|i) (?:can|must|shall|should|"
        rf"needs? to|has to|"
        r"have to|will|should be able to|must be able to|may)(?: have| also)?|what has to be there|"
        r"(?:what )?has to work|required|essentials?|what must work",
    ),
)
_KNOWN = tuple(
    (ground, re.compile(rf"{_BEFORE}(?:{pattern})", re.IGNORECASE)) for ground, pattern in _PATTERNS
)
_NUMBER = re.compile(r"^(?:[\divxIVX]{1,4}[.)](?:\d+[.)]?)*|\d+(?:\.\d+)*|[A-Z][.)]|[^\w(\[]+)\s*")
_AFTER = re.compile(r"\s*(?:\([^()]*\)|[-\u2013—:,!*]+)\s*$")
_JOINT = re.compile(r"\s*(?:/|&|,|\band\b|\s[\u2013—-]\s|:\s)\s*", re.IGNORECASE)
_LONGEST = 12
_PARENTHESIS = re.compile(
    r"\((?:won'?t|out of scope|not in scope|optional|nice to have|later|should|could)[^)]*\)", re.I
)


def ground_of(heading: str) -> Ground | None:
    """The ground that a heading or a line before a list names, None where it is the name of something.
    `Features and constraints` is what its first words say."""
    text = tidy(heading)
    if not text or count_words(text) > _LONGEST:
        return None
    bare = _bare(text)
    whole = _whole(bare)
    if whole or not _JOINT.search(bare):
        return whole
    first = _whole(_JOINT.split(bare, maxsplit=1)[0])
    return first if first is not Ground.PEOPLE else None


def ground_beside(heading: str) -> Ground | None:
    """What a heading that is the name of something says of it in brackets: "Teams (out of scope)"."""
    aside = _PARENTHESIS.search(heading)
    return (_whole(tidy(aside[0].strip("()"))) or Ground.SHOULD) if aside else None


def bare_heading(heading: str) -> str:
    """The heading without its number and what stands around it."""
    return _bare(tidy(heading)) or tidy(heading)


def _bare(text: str) -> str:
    text = _NUMBER.sub("", text, count=1)
    while (shorter := _AFTER.sub("", text)) != text:
        text = shorter
    return text


def _whole(text: str) -> Ground | None:
    return next((ground for ground, pattern in _KNOWN if pattern.fullmatch(text)), None)
