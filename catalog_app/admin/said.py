"""What a form says, on its way into the catalog: read as a document is, and saved by the one way in."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from autopack.authentication import get_actor
from catalog_app.admin.refusals import sentence
from catalog_app.interchange.entries import EntryProblem
from catalog_app.interchange.reading import read_document
from catalog_app.models import FeatureCatalog
from catalog_app.services.saving import invalid_catalog, save_content


def save_document(
    request: HttpRequest, catalog: FeatureCatalog, document: Mapping[str, Any], *, reason: str
) -> None:
    """Add what the document says to the catalog; warnings become messages. Raises InvalidCatalog and
    whatever else `save_content` raises, with pointers into the document."""
    content, problems = read_document(document)
    errors = [problem for problem in problems if problem.is_error]
    if errors:
        raise invalid_catalog(errors)
    plan = save_content(catalog, content, actor=get_actor(request), reason=reason, is_complete=False)
    _warn(request, [*problems, *plan.problems])


def _warn(request: HttpRequest, problems: Sequence[EntryProblem]) -> None:
    for problem in problems:
        place = " ".join(str(step) for step in problem.origin.steps[2:3])
        said = sentence(problem.message, [problem.suggestion])
        messages.warning(request, f"{place}: {said}" if place else said)
