"""What curators do from the pages. Each has a page that asks first; a POST does it.

With `?back=feature`, what concerns a source leads back to its feature.
"""

from typing import TypeVar

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from autopack.actors import Actor, Role
from autopack.errors import AutopackError
from autopack.pages import PageRequest, dashboard_page
from catalog_app.models import FeatureSource
from catalog_app.selectors import catalogs, features, sources
from catalog_app.views.steps import FEATURE_STEPS, SCAN_STEPS, SOURCE_STEPS, Step

T = TypeVar("T")

MOST_CHARACTERS = 500


@dashboard_page(Role.CURATOR)
def source_step(request: PageRequest, actor: Actor, source_pk: int, step_slug: str) -> HttpResponse:
    source = sources.get_source(source_pk)
    return _ask(
        request,
        actor,
        SOURCE_STEPS.get(step_slug),
        source,
        subject=f"{source.repo.repo_id}, for {source.feature.title}",
        back=_find_way_back(request, source),
    )


@dashboard_page(Role.CURATOR)
def scan_step(request: PageRequest, actor: Actor, scan_pk: int, step_slug: str) -> HttpResponse:
    scan = sources.get_scan(scan_pk)
    return _ask(
        request,
        actor,
        SCAN_STEPS.get(step_slug),
        scan,
        subject=f"Scan {scan.pk} of {scan.source.repo.repo_id}",
        back=_find_way_back(request, scan.source),
    )


@dashboard_page(Role.CURATOR)
def feature_step(
    request: PageRequest, actor: Actor, catalog_slug: str, feature_slug: str, step_slug: str
) -> HttpResponse:
    feature = features.get_feature(catalogs.get_catalog(catalog_slug), feature_slug)
    return _ask(
        request,
        actor,
        FEATURE_STEPS.get(step_slug),
        feature,
        subject=feature.title,
        back=reverse("catalog:feature", args=[catalog_slug, feature.slug]),
    )


def _find_way_back(request: PageRequest, source: FeatureSource) -> str:
    if request.GET.get("back") == "feature":
        return reverse("catalog:feature", args=[source.feature.catalog.slug, source.feature.slug])
    return reverse("catalog:source", args=[source.pk])


def _ask(
    request: PageRequest, actor: Actor, step: Step[T] | None, thing: T, *, subject: str, back: str
) -> HttpResponse:
    """A page that asks why, or after a POST the page of the thing. What is refused is asked again."""
    if step is None:
        raise Http404
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:MOST_CHARACTERS]
    refusal = ""
    if request.method == "POST":
        try:
            done = step.take(thing, actor, reason)
        except AutopackError as error:
            refusal = error.detail
        else:
            messages.success(request, done)
            return redirect(back)
    context = {
        "step": step,
        "subject": subject,
        "back": back,
        "reason": reason,
        "refusal": refusal,
        "may_curate": actor.has_role(Role.CURATOR),
    }
    return render(request, "catalog_app/step.html", context, status=422 if refusal else 200)
