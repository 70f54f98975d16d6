"""The form of a plan that is being put together: everything of it stands in the fields that were posted."""

import json
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from autopack.errors import Malformed
from autopack.numbers import parse_count
from catalog_app.briefing.types import Pin
from catalog_app.choices import PlanMode, Strength
from catalog_app.planning import worksheets
from catalog_app.planning.request import PlanRequest, read_request, write_request
from catalog_app.planning.worksheets import Worksheet

MOST_TITLE = 200
MOST_LINE = 2_000
MOST_SLOT = 100
MOST_NOTE = 500


def make_token() -> str:
    """For a form that has just been opened."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True, slots=True)
class PlanForm:
    """`step` is the button that was pressed and `subject` what it is about; `line` is the feature that is
    being typed, `text` what was pasted. `page` is the stretch of features that is shown. `version` is the one
    that is changed, if one is, and `note` why."""

    sheet: Worksheet = field(default_factory=Worksheet)
    catalog: str = ""
    project: str = ""
    step: str = ""
    subject: str = ""
    line: str = ""
    text: str = ""
    show: str = "phases"
    page: int = 1
    version: int = 0
    note: str = ""
    notes: tuple[str, ...] = ()
    unclear: tuple[str, ...] = ()
    token: str = field(default_factory=make_token)

    @property
    def request(self) -> PlanRequest:
        return self.sheet.request

    def find_too_long(self, known: Collection[str]) -> str:
        """The first condition on all of it that is longer than one line takes and not one of the known ones;
        "" if there is none."""
        texts = (text for text in self.request.constraints if text not in known)
        return next((text for text in texts if len(text) > MOST_LINE), "")

    @property
    def state(self) -> str:
        """What the page carries along, as the value of a field."""
        written = {
            "request": write_request(self.sheet.request),
            "removed": sorted(self.sheet.removed),
        }
        return json.dumps(written, ensure_ascii=False, separators=(",", ":"))


def read_form(post: QueryDict) -> PlanForm:
    """Raises Malformed where the state is not one that a page has carried."""
    step, _, subject = post.get("do", "").partition(":")
    return PlanForm(
        sheet=_take_fields(_read_state(post.get("state", "")), post),
        catalog=post.get("catalog", ""),
        project=post.get("project", ""),
        step=step,
        subject=subject,
        line=_clean(post.get("line", ""))[:MOST_LINE],
        text=post.get("text", "").replace("\0", ""),
        show="text" if post.get("show") == "text" else "phases",
        page=parse_count(post.get("page", "")) or 1,
        version=parse_count(post.get("version", "")) or 0,
        note=_clean(post.get("note", ""))[:MOST_NOTE],
        token=_clean(post.get("token", ""))[:MOST_SLOT] or make_token(),
    )


def _read_state(text: str) -> Worksheet:
    if not text:
        return Worksheet()
    try:
        state = json.loads(text)
        request, problems = read_request(state["request"])
        removed = frozenset(map(str, state["removed"]))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Malformed("The state of the page cannot be read. Load it again.") from error
    if problems:
        raise Malformed(f"The state of the page cannot be read: {problems[0]}")
    return Worksheet(request, removed)


def _take_fields(sheet: Worksheet, post: QueryDict) -> Worksheet:
    request = sheet.request
    fields: dict[str, str] = {
        name: _clean(post.get(name, "")) for name in ("title", "project_type", "stack") if name in post
    }
    if "mode" in post:
        is_draft = post.get("mode") == PlanMode.DRAFT
        request = replace(request, mode=PlanMode.DRAFT if is_draft else PlanMode.ZERO_INTERVENTION)
    if "constraints" in post:
        lines = (_clean(line) for line in post.get("constraints", "").splitlines())
        request = replace(request, constraints=tuple(dict.fromkeys(line for line in lines if line)))
    request = replace(
        request,
        title=fields.get("title", request.title)[:MOST_TITLE],
        project_type=fields.get("project_type", request.project_type)[:MOST_SLOT],
        stack=fields.get("stack", request.stack)[:MOST_SLOT],
        slots=_read_slots(request.slots, post),
    )
    sheet = replace(sheet, request=request)
    sheet = _take_choices(sheet, post)
    answers = {name: value for name, value in _named(post, "answer") if value}
    return worksheets.answer(sheet, answers) if answers else sheet


def _read_slots(slots: Mapping[str, str], post: QueryDict) -> dict[str, str]:
    posted = {name[:MOST_SLOT]: _clean(value)[:MOST_SLOT] for name, value in _named(post, "slot")}
    return {name: value for name, value in {**slots, **posted}.items() if value}


def _take_choices(sheet: Worksheet, post: QueryDict) -> Worksheet:
    """Of the features whose fields were on the page. Few of those have been changed."""
    wishes = {wish.key: wish for wish in sheet.request.wishes}
    for key, value in _named(post, "source"):
        source = _read_source(value)
        if key in wishes and wishes[key].pin != source:
            sheet = worksheets.pin(sheet, key, source)
    for key, value in _named(post, "strength"):
        strength = Strength.SHOULD if value == Strength.SHOULD else Strength.MUST
        if key in wishes and wishes[key].strength is not strength:
            sheet = worksheets.weigh(sheet, key, strength)
    for key, value in _named(post, "choice"):
        if key in wishes and worksheets.picked(sheet.request, wishes[key]) != value:
            sheet = worksheets.pick(sheet, key, value)
    return sheet


def _read_source(value: str) -> Pin | None:
    """What `presentation.plans.write_pick` wrote; anything else is none."""
    try:
        repo_id, paths = json.loads(value)
    except (ValueError, TypeError):
        return None
    if not isinstance(repo_id, str) or not (paths is None or isinstance(paths, list)):
        return None
    return Pin(repo_id, None if paths is None else tuple(map(str, paths)))


def _named(post: QueryDict, kind: str) -> Iterator[tuple[str, str]]:
    """Fields such as `choice:login`."""
    prefix = f"{kind}:"
    for name in post:
        if name.startswith(prefix):
            yield name.removeprefix(prefix), post.get(name, "").replace("\0", "")


def _clean(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
