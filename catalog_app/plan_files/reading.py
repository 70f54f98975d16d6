"""Files to templates, with the line of every problem. Pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from autopack.yaml_reader import PlacedDocument, UnreadableDocument, read_yaml
from catalog_app.choices import TemplateOrigin
from catalog_app.interchange.entries import EntryProblem, Json, Origin, Severity
from catalog_app.interchange.files import (
    FileProblem,
    WrittenFile,
    distinct_names,
    in_order,
    place_problem,
    repeated_keys,
)
from catalog_app.plan_files.content import (
    FORMAT,
    MAX_REF,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
    MAX_VERSION,
    PLAN_FILE,
    SEGMENT,
    TEMPLATE_FILE,
    TemplateContent,
)
from catalog_app.planning.document import DocumentError, digest_document, from_json, write_json
from catalog_app.planning.markdown import write_markdown
from catalog_app.planning.parameters import check_parameters
from catalog_app.planning.request import PlanRequest, digest_request, read_request
from catalog_app.planning.written import Written

MAX_BYTES = 64_000_000
MAX_NODES = 5_000_000


@dataclass(frozen=True, slots=True)
class WrittenTemplate:
    """A template and the file that it stands in."""

    file: str
    content: TemplateContent


@dataclass(frozen=True, slots=True)
class ReadTemplates:
    """All templates of some files, and what is wrong with them, in the order of the lines."""

    templates: tuple[WrittenTemplate, ...]
    problems: tuple[FileProblem, ...]
    documents: Mapping[str, PlacedDocument]

    def place(self, problems: Iterable[EntryProblem]) -> tuple[FileProblem, ...]:
        """Problems that were found later, with their places in the files."""
        return tuple(place_problem(problem, self.documents) for problem in problems)


def read_templates(files: Sequence[WrittenFile]) -> ReadTemplates:
    """Every `template.yaml`, or YAML file of another name, is a template. A `plan.md` beside one is not read:
    it is made of the other; one that was changed by hand is a warning, because the change is lost."""
    documents: dict[str, PlacedDocument] = {}
    templates: list[WrittenTemplate] = []
    unreadable: list[FileProblem] = []
    found: list[EntryProblem] = []
    pages = {name: written for name, written in files if PurePosixPath(name).name == PLAN_FILE}
    for name, written in distinct_names(file for file in files if file[0] not in pages):
        document = _open(name, written, unreadable)
        if document is None:
            continue
        documents[name] = document
        found += repeated_keys(document, name)
        content = _read_template(document.value, name, found)
        if content is not None:
            templates.append(WrittenTemplate(name, content))
            found += _compare_surroundings(content, name, pages)
    found += _find_repeated(templates)
    placed = [*unreadable, *(place_problem(problem, documents) for problem in found)]
    return ReadTemplates(tuple(templates), in_order(placed), documents)


def _open(name: str, written: bytes, unreadable: list[FileProblem]) -> PlacedDocument | None:
    if len(written) > MAX_BYTES:
        message = f"has {len(written):,} bytes; at most {MAX_BYTES:,} are read"
        unreadable.append(FileProblem(name, 1, 1, Severity.ERROR, "too_large", "", message))
        return None
    try:
        return read_yaml(written, max_nodes=MAX_NODES)
    except UnreadableDocument as error:
        place = (error.line, error.column)
        unreadable.append(FileProblem(name, *place, Severity.ERROR, "unreadable", "", error.message))
        return None


def _read_template(written: object, name: str, problems: list[EntryProblem]) -> TemplateContent | None:
    """The template, unless something is wrong with it."""
    mine: list[EntryProblem] = []
    content = _read_parts(Written(written, Origin(name), mine), mine)
    problems += mine
    return None if any(problem.is_error for problem in mine) else content


def _read_parts(top: Written, problems: list[EntryProblem]) -> TemplateContent:
    said = top.json("format")
    if said not in (None, FORMAT):
        top.complain("unknown_format", f"is {said!r}; this Autopack reads format {FORMAT}", "format")
    template_id = top.text("template_id", is_needed=True)
    if template_id and not SEGMENT.fullmatch(template_id):
        message = (
            "must be 1 to 100 letters, digits, dots, underscores and hyphens, the first a letter or digit"
        )
        top.complain("bad_name", message, "template_id")
    content = TemplateContent(
        template_id=template_id,
        title=_bounded(top, "title", MAX_TITLE, is_needed=True),
        description=top.text("description"),
        tags=_read_tags(top),
        version=_read_version(top),
        note=top.text("note"),
        request=PlanRequest(),
    )
    origin = top.inner("origin")
    if origin is not None:
        kind = origin.choice(TemplateOrigin, "kind", TemplateOrigin.YAML)
        content = replace(content, origin=kind, origin_ref=_bounded(origin, "ref", MAX_REF))
        origin.finish()
    wanted = top.value("request")
    if wanted is None:
        top.complain("missing", "has no request: what is to be planned")
    else:
        request, wrong = read_request(wanted)
        content = replace(content, request=request)
        here = top.origin.inner("request")
        problems += [_inside(problem, here) for problem in (*wrong, *check_parameters(request))]
    document_text = _read_plan(top, content, problems)
    top.finish()
    return replace(content, document_text=document_text)


def _read_tags(top: Written) -> tuple[str, ...]:
    tags = []
    for index, tag in enumerate(top.texts("tags")):
        if not tag.strip() or len(tag) > MAX_TAG or index >= MAX_TAGS:
            message = f"at most {MAX_TAGS} tags of 1 to {MAX_TAG} characters"
            top.complain("bad_tag", message, "tags")
            break
        tags.append(tag)
    return tuple(dict.fromkeys(tags))


def _read_version(top: Written) -> int:
    version = top.count("version") or 1
    if version > MAX_VERSION:
        top.complain("too_large", f"is {version:,}; at most {MAX_VERSION:,} is taken", "version")
    return version


def _bounded(top: Written, key: str, most: int, *, is_needed: bool = False) -> str:
    text = top.text(key, is_needed=is_needed)
    if len(text) > most:
        top.complain("too_long", f"has {len(text)} characters; at most {most} are kept", key)
    return text


def _inside(problem: EntryProblem, origin: Origin) -> EntryProblem:
    return replace(problem, origin=origin.inner(*problem.origin.steps))


def _read_plan(top: Written, content: TemplateContent, problems: list[EntryProblem]) -> str:
    """The plan's bytes, if they are the plan of the request; "" if it has to be made anew."""
    digest = top.text("plan_digest")
    if not top.has("plan"):
        top.json("plan")
        return ""
    document = top.mapping("plan")
    if any(problem.is_error for problem in problems):
        return ""
    here = top.origin.inner("plan")
    text = write_json(document)
    if digest_document(text) != digest:
        message = (
            "was changed after it was written. A plan is made of the request: change that one, and leave out "
            "plan and plan_digest"
        )
        problems.append(EntryProblem(Severity.ERROR, "plan_edited", here, message))
        return ""
    try:
        plan = from_json(document)
    except DocumentError as error:
        problems.append(EntryProblem(Severity.ERROR, "bad_plan", here, f"is no plan: {error}"))
        return ""
    if plan.inputs.request_digest != digest_request(content.request):
        message = "was changed since it was planned; the plan is made anew"
        there = top.origin.inner("request")
        problems.append(EntryProblem(Severity.WARNING, "request_edited", there, message))
        return ""
    return text.decode()


def _compare_surroundings(
    content: TemplateContent, name: str, pages: Mapping[str, bytes]
) -> Iterable[EntryProblem]:
    """What the places of the files say, and the page beside them."""
    path = PurePosixPath(name)
    here = Origin(name, ("template_id",))
    if path.name == TEMPLATE_FILE and path.parent.name not in ("", content.template_id):
        message = f"is {content.template_id}, in a folder {path.parent.name}"
        yield EntryProblem(Severity.WARNING, "folder_differs", here, message)
    page = str(path.with_name(PLAN_FILE))
    if page in pages and content.document_text:
        document: Mapping[str, Json] = json.loads(content.document_text)
        if pages[page] != write_markdown(document).encode():
            message = (
                f"is not what {path.name} makes; it is made anew at the next export, so changes are lost"
            )
            yield EntryProblem(Severity.WARNING, "plan_md_edited", Origin(page), message)


def _find_repeated(templates: Sequence[WrittenTemplate]) -> Iterable[EntryProblem]:
    firsts: dict[str, str] = {}
    for template in templates:
        template_id = template.content.template_id
        first = firsts.setdefault(template_id, template.file)
        if first != template.file:
            other = Origin(first, ("template_id",))
            here = Origin(template.file, ("template_id",))
            message = f"{template_id} is in two files"
            yield EntryProblem(Severity.ERROR, "same_template", here, message, other=other)
