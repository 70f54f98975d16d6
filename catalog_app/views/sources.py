"""Sources: the list, all about one, and one of its scans."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from autopack.actors import Actor, Role
from autopack.pages import (
    PageRequest,
    dashboard_page,
    is_unchanged,
    read_number,
    render_live,
    unchanged,
)
from catalog_app.choices import LicenseDecision, SourceStatus
from catalog_app.presentation.evidence import read_findings, read_quality_parts, read_remarks
from catalog_app.presentation.sources import describe_source, describe_source_rows, version_of
from catalog_app.selectors import catalogs, source_lists, sources, stacks
from catalog_app.selectors.history import read_history
from catalog_app.selectors.source_lists import Concern
from catalog_app.selectors.sources import SourceFilter
from catalog_app.views.parameters import read_choice, read_choices, read_text
from catalog_app.views.steps import list_source_steps

MOST_SCANS = 20


@dashboard_page()
def source_list(request: PageRequest, actor: Actor, catalog_slug: str) -> HttpResponse:  # noqa: ARG001
    catalog = catalogs.get_catalog(catalog_slug)
    statuses = read_choices(request, "status", SourceStatus)
    decisions = read_choices(request, "decision", LicenseDecision)
    repo, text = read_text(request, "repo"), read_text(request, "q")
    concern = read_choice(request, "concern", Concern)
    wanted = SourceFilter(words=text, repos=[repo] if repo else [], statuses=statuses, decisions=decisions)
    page = source_lists.list_sources_page(
        catalog, wanted, concern=concern, number=read_number(request, "page") or 1
    )
    pairs = [("q", text), ("repo", repo), ("concern", concern.value if concern else "")]
    pairs += [("status", status.value) for status in statuses]
    pairs += [("decision", decision.value) for decision in decisions]
    query = [(name, value) for name, value in pairs if value]
    context = {
        "catalog": catalog,
        "catalogs": catalogs.list_catalogs(),
        "wanted": wanted,
        "text": text,
        "repo": repo,
        "concern": concern,
        "concerns": list(Concern),
        "statuses": list(SourceStatus),
        "decisions": list(LicenseDecision),
        "is_narrow": bool(query),
        "page": page,
        "rows": describe_source_rows(page.items),
        "newer_query": "?" + urlencode([*query, ("page", str(page.number - 1))]),
        "older_query": "?" + urlencode([*query, ("page", str(page.number + 1))]),
    }
    return render(request, "catalog_app/source_list.html", context)


@dashboard_page()
def source_detail(request: PageRequest, actor: Actor, source_pk: int) -> HttpResponse:
    source = sources.get_source(source_pk)
    live = sources.find_live_scans([source])
    version = version_of(live.values())
    if live and is_unchanged(request, version):
        return unchanged()
    scans = sources.read_last_scans([source])
    context = {
        "catalog": source.feature.catalog,
        "feature": source.feature,
        "source": source,
        "card": describe_source(source, scans=scans, live=live),
        "stacks": stacks.read_stack_titles(source.feature.catalog),
        "scans": list(sources.list_scans(source)[:MOST_SCANS]),
        "history": read_history(source, page=read_number(request, "changes")),
        "repo_history": read_history(source.repo),
        "is_live": bool(live),
        "version": version,
        "may_curate": actor.has_role(Role.CURATOR),
        "steps": list_source_steps(source, is_live=bool(live)),
    }
    return render_live(request, "catalog_app/source", context)


@dashboard_page()
def scan_detail(request: PageRequest, actor: Actor, scan_pk: int) -> HttpResponse:
    scan = sources.get_scan(scan_pk)
    version = version_of([scan])
    if scan.is_live and is_unchanged(request, version):
        return unchanged()
    context = {
        "catalog": scan.source.feature.catalog,
        "scan": scan,
        "source": scan.source,
        "parts": read_quality_parts(scan.quality),
        "findings": read_findings(scan.evidence),
        "remarks": read_remarks(scan.evidence),
        "is_live": scan.is_live,
        "version": version,
        "may_curate": actor.has_role(Role.CURATOR),
    }
    return render_live(request, "catalog_app/scan", context)
