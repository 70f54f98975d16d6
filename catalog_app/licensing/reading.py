"""Reading what was declared or detected as a licence."""

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from catalog_app.licensing import grammar, names
from catalog_app.licensing.expressions import License, Node, render
from catalog_app.licensing.grammar import Kind
from catalog_app.licensing.index import NON_COMMERCIAL, NON_COMMERCIAL_RIDER
from catalog_app.licensing.problems import LicenseProblem, ProblemCode, ProblemLevel, ReadLicense, quoted
from catalog_app.licensing.resolving import NameReader

MAX_LENGTH = 20_000
"""Characters. Hundreds of vendored licences joined by AND fit; the text of a licence does not belong here."""

MAX_PROBLEMS = 20
_GIVEN_LENGTH = 200
_ORNAMENTS = " \"'`⊘."
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories of what cannot be seen or has no meaning."""

_OR_LATER = re.compile(
    r" ?,? ?\(?(?<![\w-])(?:or|and) (?:\(?at your option\)?,? )?(?:any )?"
    r"(?:later|newer|above|greater|higher)(?: versions?)?\b(?!-)\)?",
    re.I,
)
_REMARK = re.compile(r"(?P<name>[^()]+)\((?P<remark>[^()]+)\)")
_LICENSED_UNDER = re.compile(
    r"(?:this \w+ is )?(?:licen[cs]ed|released|distributed|available|published) under "
    r"(?:the )?(?:terms of (?:the )?)?",
    re.I,
)
_LICENSE_PAGE = re.compile(
    r"https?://(?:www\.)?(?:(?:opensource|spdx)\.org/licen[cs]es?|choosealicense\.com/licenses)/"
    r"([\w.+-]+?)(?:\.html|\.txt|\.json|\.php)?/?",
    re.I,
)
_APACHE_PAGE = re.compile(r"https?://(?:www\.)?apache\.org/licenses/LICENSE-([\d.]+?)(?:\.txt|\.html)?", re.I)


def parse_license(text: str) -> ReadLicense:
    """Read an SPDX expression, or what people write in its place.

    Never raises and never guesses silently: what was changed is a note or a warning among the problems;
    what cannot be settled is an error, with suggestions where there are any, and an empty `expression`.
    """
    if len(text) > MAX_LENGTH:
        detail = f"{len(text)} characters are no licence expression; at most {MAX_LENGTH} are read"
        return _unsettled(text[:_GIVEN_LENGTH] + "…", ProblemCode.TOO_LARGE, detail)
    return _read(text)[0]


def read_tree(expression: str) -> Node | None:
    """The tree of what `parse_license` settles, or None."""
    return _read(expression)[1] if len(expression) <= MAX_LENGTH else None


@lru_cache(maxsize=4096)
def _read(given: str) -> tuple[ReadLicense, Node | None]:
    if any(unicodedata.category(char) in _UNSEEN and not char.isspace() for char in given):
        detail = "there are control characters or invisible ones in it"
        return _unsettled(given, ProblemCode.CONTROL_CHARACTERS, detail), None
    text = " ".join(given.split()).strip(_ORNAMENTS)
    if names.is_no_license(text):
        detail = "there is no licence: without one nobody else may use the work"
        return _unsettled(given, ProblemCode.NO_LICENSE, detail), None
    if names.is_unknown(text):
        detail = f"{quoted(text)} does not say which licence it is" if text else "no licence is named"
        return _unsettled(given, ProblemCode.UNKNOWN, detail), None
    reader = NameReader()
    node = _read_expression(text, reader)
    problems = tuple(dict.fromkeys(reader.problems))[:MAX_PROBLEMS]
    if node is None or reader.has_failed:
        return ReadLicense(given, "", problems), None
    expression = render(node)
    if not problems and expression != given:
        reader.read_as(given, expression)
        problems = tuple(reader.problems)
    return ReadLicense(given, expression, problems), node


def _unsettled(given: str, code: ProblemCode, detail: str) -> ReadLicense:
    return ReadLicense(given, "", (LicenseProblem(code, ProblemLevel.ERROR, detail),))


def _read_expression(text: str, reader: NameReader) -> Node | None:
    """None only after an error."""
    plain = _without_surroundings(text, reader)
    if (
        len(plain) <= names.MAX_NAME_LENGTH
        and grammar.is_compound(plain)
        and re.fullmatch(r"\w[^()]*\w", plain)
    ):
        plain = names.find_written_out(plain) or plain
    if reader.has_failed:
        return None
    try:
        tokens = [_settle(token, reader) for token in grammar.split(plain)]
        choice = grammar.build(tokens, separator=Kind.OR)
        together = grammar.build(tokens, separator=Kind.AND)
    except grammar.GrammarError as error:
        reader.fail(ProblemCode.TOO_LARGE if error.is_too_large else ProblemCode.SYNTAX, str(error))
        return None
    if isinstance(choice, grammar.Rider) or isinstance(together, grammar.Rider):
        return _read_rider_alone(tokens, reader)
    if choice != together and not reader.has_failed:
        detail = "a list does not say whether there is a choice (OR) or all of it binds (AND)"
        reader.fail(ProblemCode.AMBIGUOUS, detail, render(choice), render(together))
    return choice


def _settle(token: grammar.Token, reader: NameReader) -> grammar.Token:
    match token.kind:
        case Kind.NAME:
            return replace(token, item=reader.read_license(token.text))
        case Kind.ADDITION:
            return replace(token, item=reader.read_exception(token.text))
        case Kind.AND | Kind.OR | Kind.WITH if not token.text.isupper():
            reader.note(ProblemCode.SPELLING, "AND, OR and WITH are written in capitals")
    return token


def _read_rider_alone(tokens: list[grammar.Token], reader: NameReader) -> Node | None:
    riders = {token.item.id for token in tokens if isinstance(token.item, grammar.Rider)}
    if riders == {NON_COMMERCIAL_RIDER}:
        return License(NON_COMMERCIAL)
    detail = f"{min(riders)} is a condition that is added to a licence: say to which"
    reader.fail(ProblemCode.NOT_A_LICENSE, detail)
    return None


def _without_surroundings(text: str, reader: NameReader) -> str:
    """Without a classifier's path, a web address, or a remark in parentheses."""
    if "://" in text:
        if page := _LICENSE_PAGE.fullmatch(text):
            return page[1]
        if page := _APACHE_PAGE.fullmatch(text):
            return f"Apache-{page[1]}"
        reader.fail(ProblemCode.UNKNOWN_LICENSE, f"{quoted(text)} is an address: name the licence itself")
        return text
    plain = _LICENSED_UNDER.sub("", text.rsplit("::", 1)[-1].strip(), count=1)
    plain = re.sub(r"\bw/ ?", "with ", _OR_LATER.sub("+", plain), flags=re.I)
    plain = re.sub(r"(?<=[\w.])\+(?=[A-Za-z])", " + ", plain)
    plain = re.sub(r", (?=(?:version |ver\.? |v\.? ?)\d)", " ", plain, flags=re.I)
    remark = _REMARK.fullmatch(plain)
    if remark is None or grammar.is_compound(remark["name"]):
        return plain
    return _without_remark(remark["name"].strip(), remark["remark"].strip(), reader)


def _without_remark(name: str, remark: str, reader: NameReader) -> str:
    """ "MIT License (MIT)" says it twice, "BSD (3-clause)" makes it precise, the rest is asked about."""
    rest, rider = names.split_rider(re.sub(r"^with (?:the )?", "", remark, flags=re.I))
    if rider and not rest:
        return f"{name} WITH {remark.removeprefix('with ')}"
    alone, said_again, precise = (
        parse_license(text).expression for text in (name, remark, f"{name} {remark}")
    )
    if said_again and (alone == said_again or said_again in parse_license(name).suggestions):
        return remark
    if precise:
        return f"{name} {remark}"
    if alone or said_again:
        detail = f"{quoted(name)} and {quoted(remark)} do not say the same"
        reader.fail(ProblemCode.AMBIGUOUS, detail, alone, said_again)
    return name
