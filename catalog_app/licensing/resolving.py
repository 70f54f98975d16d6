"""One name, as people write it, to the licence or the rider that it means."""

import re
from dataclasses import dataclass, field, replace

from catalog_app.licensing import names
from catalog_app.licensing.expressions import License
from catalog_app.licensing.grammar import Rider
from catalog_app.licensing.index import KnownLicense, find_license, find_other_name, is_restricting
from catalog_app.licensing.problems import LicenseProblem, ProblemCode, ProblemLevel, quoted

_MAX_FUZZY = 5
"""Unknown names of one text that are compared with every id."""

_UNSETTLED = License("LicenseRef-unsettled")
_UNSETTLED_RIDER = Rider("AdditionRef-unsettled")
"""They stand where a name has no meaning, so that the names after it are read too."""

_ID_STRING = r"[A-Za-z0-9.-]+"
_LICENSE_REF = re.compile(rf"(?:DocumentRef-{_ID_STRING}:)?LicenseRef-{_ID_STRING}", re.I)
_ADDITION_REF = re.compile(rf"(?:DocumentRef-{_ID_STRING}:)?AdditionRef-{_ID_STRING}", re.I)
_REF_WORD = re.compile(r"\b(DocumentRef|LicenseRef|AdditionRef)-", re.I)
_REF_WORDS = {"documentref": "DocumentRef-", "licenseref": "LicenseRef-", "additionref": "AdditionRef-"}


@dataclass(slots=True)
class NameReader:
    """Reads the names of one text and collects what is to be said about them."""

    problems: list[LicenseProblem] = field(default_factory=list)
    fuzzy_left: int = _MAX_FUZZY

    @property
    def has_failed(self) -> bool:
        return any(problem.level is ProblemLevel.ERROR for problem in self.problems)

    def read_license(self, name: str) -> License | Rider:
        """Where it has no meaning there is an error among the problems, and the answer stands for nothing."""
        if len(name) > names.MAX_NAME_LENGTH:
            return self._refuse(
                ProblemCode.UNKNOWN_LICENSE, f"{quoted(name)} is too long for a licence's name"
            )
        core = name.removesuffix("+").rstrip()
        if core == name:
            return self._license(name)
        said = len(self.problems)
        found = self._license(core)
        return found if self.has_failed else self._or_later(name, found, said)

    def read_exception(self, name: str) -> Rider:
        """What follows WITH; same promise."""
        if len(name) > names.MAX_NAME_LENGTH:
            self.fail(ProblemCode.NOT_AN_EXCEPTION, f"{quoted(name)} is too long for an exception's name")
            return _UNSETTLED_RIDER
        if known := _find_exception(name):
            if known.id != name:
                self.read_as(name, known.id)
            return Rider(known.id)
        if _ADDITION_REF.fullmatch(name):
            return Rider(_with_ref_words(name))
        rest, rider = names.split_rider(name)
        if rider and not rest:
            self._limited_by(rider)
            return Rider(rider)
        found = names.find_exceptions(name)
        if len(found) == 1:
            self.read_as(name, found[0])
            return Rider(found[0])
        if license := find_license(name):
            detail = f"{license.id} is a licence and no exception: licences are joined by AND or OR"
        else:
            detail = f"{quoted(name)} is no exception that SPDX knows"
        self.fail(ProblemCode.NOT_AN_EXCEPTION, detail, *found)
        return _UNSETTLED_RIDER

    def _license(self, name: str) -> License | Rider:
        if names.is_unknown(name) or names.is_no_license(name):
            return self._refuse(ProblemCode.UNKNOWN, f"{quoted(name)} does not say which licence it is")
        if names.has_unread_letters(name):
            return self._unknown(name)
        if _REF_WORD.match(name):
            return self._reference(name)
        if known := find_license(name):
            return self._known(name, known)
        if other := find_other_name(name):
            return self._other_name(name, other.expression, is_retired=other.is_retired)
        if meaning := names.find_meaning(name):
            if (other := find_other_name(meaning)) and other.is_retired:
                return self._other_name(name, other.expression, is_retired=True)
            known = find_license(meaning)
            return self._known(name, known) if known else self._unknown(name)
        if ambiguity := names.find_ambiguity(name):
            return self._ambiguous(name, *ambiguity)
        if versions := names.find_versions(name):
            return self._ambiguous(name, "the version is missing", versions)
        rest, rider = names.split_rider(name)
        if not rider:
            return self._unknown(name)
        self._limited_by(rider)
        if not rest:
            return Rider(rider)
        found = self.read_license(rest)
        return replace(found, exception=rider) if isinstance(found, License) else found

    def _known(self, name: str, known: KnownLicense) -> License | Rider:
        if not known.is_exception:
            if known.id != name:
                self.read_as(name, known.id)
            return License(known.id)
        if is_restricting(known.id):
            self._limited_by(known.id)
            return Rider(known.id)
        detail = f"{known.id} is an exception: it stands after a licence and WITH"
        return self._refuse(ProblemCode.NOT_A_LICENSE, detail)

    def _reference(self, name: str) -> License | Rider:
        if known := find_license(name):
            return self._known(name, known)
        if other := find_other_name(name):
            return self._other_name(name, other.expression, is_retired=False)
        spelled = _with_ref_words(name)
        if _LICENSE_REF.fullmatch(name):
            return License(spelled)
        if _ADDITION_REF.fullmatch(name):
            self._limited_by(spelled)
            return Rider(spelled)
        detail = f"{quoted(name)}: letters, digits, points and hyphens make up the name of a reference"
        suggestion = re.sub(r"[^A-Za-z0-9.:-]+", "-", spelled).rstrip("-")
        return self._refuse(
            ProblemCode.SYNTAX, detail, suggestion if _LICENSE_REF.fullmatch(suggestion) else ""
        )

    def _other_name(self, name: str, expression: str, *, is_retired: bool) -> License | Rider:
        if not is_retired:
            known = find_license(expression)
            return self._known(name, known) if known else self._unknown(name)
        if expression.endswith("-only"):
            later = _or_later_id(expression)
            detail = f"{quoted(name)} is read as {expression}; {later} may be meant, which leaves more choice"
            self._say(ProblemCode.RETIRED_ID, ProblemLevel.WARNING, detail, expression, later)
        else:
            detail = f"{quoted(name)} is retired; SPDX writes {expression}"
            self._say(ProblemCode.RETIRED_ID, ProblemLevel.NOTE, detail, expression)
        return License.of(expression)

    def _or_later(self, name: str, found: License | Rider, said: int) -> License | Rider:
        """`found` is what the name means without its +; the problems since `said` are about it."""
        if isinstance(found, Rider) or found.exception or _REF_WORD.match(found.id):
            detail = f"{quoted(name)}: + belongs to a licence that has versions"
            return self._refuse(ProblemCode.SYNTAX, detail)
        if found.id.endswith("-or-later"):
            self.read_as(name, found.id)
            return found
        if not found.id.endswith("-only"):
            return License(found.id, is_or_later=True)
        later = _or_later_id(found.id)
        if "only" in name.lower():
            detail = f"{quoted(name)} contradicts itself"
            return self._refuse(ProblemCode.AMBIGUOUS, detail, found.id, later)
        del self.problems[said:]
        self.read_as(name, later)
        return License(later)

    def _unknown(self, name: str) -> License:
        if reference := names.suggest_reference(name):
            detail = f"{quoted(name)} seems to be a licence of its maker's own: name it by a reference"
            return self._refuse(ProblemCode.NOT_SPDX, detail, reference)
        suggestions = names.suggest_licenses(name) if self.fuzzy_left > 0 else ()
        self.fuzzy_left -= 1
        detail = f"{quoted(name)} is no licence that SPDX knows; a licence of one's own is LicenseRef-…"
        return self._refuse(ProblemCode.UNKNOWN_LICENSE, detail, *suggestions)

    def _ambiguous(self, name: str, why: str, suggestions: tuple[str, ...]) -> License:
        return self._refuse(ProblemCode.AMBIGUOUS, f"{quoted(name)}: {why}", *suggestions)

    def _refuse(self, code: ProblemCode, detail: str, *suggestions: str) -> License:
        self.fail(code, detail, *suggestions)
        return _UNSETTLED

    def _limited_by(self, rider: str) -> None:
        detail = f"{rider} takes away rights that the licence gives: it limits the licence and is no choice"
        self._say(ProblemCode.RIDER, ProblemLevel.WARNING, detail)

    def read_as(self, name: str, expression: str) -> None:
        self.note(ProblemCode.SPELLING, f"{quoted(name)} is read as {expression}", expression)

    def note(self, code: ProblemCode, detail: str, *suggestions: str) -> None:
        self._say(code, ProblemLevel.NOTE, detail, *suggestions)

    def fail(self, code: ProblemCode, detail: str, *suggestions: str) -> None:
        self._say(code, ProblemLevel.ERROR, detail, *suggestions)

    def _say(self, code: ProblemCode, level: ProblemLevel, detail: str, *suggestions: str) -> None:
        self.problems.append(LicenseProblem(code, level, detail, tuple(filter(None, suggestions))))


def _find_exception(name: str) -> KnownLicense | None:
    other = find_other_name(name)
    known = find_license(other.expression if other else name)
    return known if known and known.is_exception else None


def _or_later_id(only_id: str) -> str:
    return only_id.removesuffix("-only") + "-or-later"


def _with_ref_words(name: str) -> str:
    """In SPDX's case; the part after them is as its author wrote it."""
    return _REF_WORD.sub(lambda match: _REF_WORDS[match[1].lower()], name)
