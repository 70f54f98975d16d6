"""The words by which requests are told from what surrounds them, and how texts are made comparable. Pure."""

import re

_EMPTY = (
    "a able about all also an and any are as at be been but by can could do does each every for from "
    "get gets has have i if into is it its just let lets may me more must my need needs no not of "
    "on only or our shall should so some that the their them then there these they this those to "
    "too us use user users want wants we what when where which who will wish with without would "
    "you your"
)
EMPTY_WORDS = frozenset(_EMPTY.split())
"""Words that tell nothing of what is asked for."""

PEOPLE = (
    r"(?:users?|customers?|clients?|people|persons?|members?|visitors?|guests?|readers?|buyers?|sellers?|"
    r"vendors?|admins?|administrators?|managers?|editors?|authors?|moderators?|operators?|agents?|"
    r"employees?|colleagues?|staff|students?|teachers?|patients?|doctors?|teams?|everybody|everyone|"
    r"anybody|anyone|somebody|someone|supervisors?|auditors?|reviewers?|approvers?|developers?|engineers?|"
    r"owners?|founders?|leads?|clerks?|accountants?|organi[sz]ations?|companies|company|tenants?|they)"
)
PRODUCTS = (
    r"(?:apps?|applications?|web ?apps?|websites?|sites?|tools?|systems?|platforms?|portals?|services?|"
    r"products?|software|chat ?bots?|bots?|assistants?|shops?|stores?|dashboards?|orchestrators?|"
    r"marketplaces?|back ?ends?|front ?ends?|solutions?|mvp|prototypes?|programs?|pages?|workspaces?|hub)"
)
IMPERATIVES = (
    r"(?:accept|add|alert|allow|answer|approve|archive|assign|attach|authenticate|back up|backup|block|book|"
    r"browse|build|calculate|cancel|capture|change|charge|check|choose|collect|comment|compare|configure|"
    r"connect|convert|copy|create|define|delete|deliver|detect|disable|display|download|edit|email|e-mail|"
    r"embed|enable|encrypt|enforce|estimate|export|extract|filter|find|flag|follow|generate|get|give|group|"
    r"have|hide|highlight|implement|import|include|index|ingest|integrate|invite|invoice|issue|keep|label|"
    r"let|limit|"
    r"link|list|log|make|manage|mark|measure|merge|monitor|move|notify|offer|open|order|organi[sz]e|"
    r"pause|pay|pick|plan|post|preview|print|provide|publish|push|rate|read|receive|record|refund|register|"
    r"reject|remember|remind|render|replay|report|request|reset|restore|restrict|resume|retry|review|revoke|"
    r"roll back|rotate|run|save|scan|schedule|search|see|select|sell|send|set|sort|share|show|sign|split|"
    r"start|"
    r"stop|store|stream|submit|subscribe|suggest|summari[sz]e|support|sync|tag|test|track|transfer|"
    r"translate|trigger|undo|unsubscribe|update|upgrade|upload|use|validate|verify|view|vote|warn|watch|"
    r"write)"
)
IMPERATIVE = re.compile(rf"(?:please\s+)?{IMPERATIVES}\b(?!\s*$)(?=\s+\S)", re.I)
IMPERATIVE_WORD = re.compile(IMPERATIVES, re.IGNORECASE)

_NOT_WORD = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")
_ARTICLES = frozenset(("a", "an", "the", "our", "some", "any"))
HAS_WORD = re.compile(r"\w")


def normalise(text: str) -> str:
    """Equal for texts that say the same but for case, punctuation, spaces and articles."""
    words = _NOT_WORD.sub(" ", text.casefold()).split()
    return " ".join(word for word in words if word not in _ARTICLES) or " ".join(words) or text.strip()


def tidy(text: str) -> str:
    """On one line."""
    return _SPACES.sub(" ", text).strip()


def count_words(text: str) -> int:
    return len(text.split())
