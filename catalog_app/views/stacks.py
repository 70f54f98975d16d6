"""Stack profiles: the list, and one with what can be built on it."""

from django.http import HttpResponse
from django.shortcuts import render

from autopack.actors import Actor, Role
from autopack.pages import PageRequest, dashboard_page
from catalog_app.presentation.features import describe_rows
from catalog_app.presentation.stacks import describe_preferred, describe_stack
from catalog_app.selectors import browsing, catalogs, repos, stacks
from catalog_app.selectors.browsing import FeatureFilter, FeatureOrder, Reuse

MOST_FEATURES = 10


@dashboard_page()
def stack_list(request: PageRequest, actor: Actor, catalog_slug: str) -> HttpResponse:  # noqa: ARG001
    catalog = catalogs.get_catalog(catalog_slug)
    is_with_retired = request.GET.get("retired") == "1"
    found = list(stacks.list_stacks(catalog, is_retired=None if is_with_retired else False))
    slugs = [stack.slug for stack in found]
    suited = browsing.count_by_stack(catalog, FeatureFilter(), stacks=slugs)
    usable = browsing.count_by_stack(catalog, FeatureFilter(reuse=Reuse.USABLE), stacks=slugs)
    context = {
        "catalog": catalog,
        "catalogs": catalogs.list_catalogs(),
        "rows": [describe_stack(stack, suited=suited, usable=usable) for stack in found],
        "is_with_retired": is_with_retired,
    }
    return render(request, "catalog_app/stack_list.html", context)


@dashboard_page()
def stack_detail(request: PageRequest, actor: Actor, catalog_slug: str, stack_slug: str) -> HttpResponse:
    catalog = catalogs.get_catalog(catalog_slug)
    stack = stacks.get_stack(catalog, stack_slug)
    suited = browsing.count_by_stack(catalog, FeatureFilter(), stacks=[stack.slug])
    usable = browsing.count_by_stack(catalog, FeatureFilter(reuse=Reuse.USABLE), stacks=[stack.slug])
    best = FeatureFilter(stack=stack.slug, reuse=Reuse.USABLE, order=FeatureOrder.QUALITY)
    page = browsing.list_features_page(catalog, best, number=1, total=usable[stack.slug])
    preferred = list(stack.preferred_repos.all())
    context = {
        "catalog": catalog,
        "stack": stack,
        "row": describe_stack(stack, suited=suited, usable=usable),
        "preferred": describe_preferred(
            preferred, counts=repos.count_sources(catalog, [p.repo_id for p in preferred if p.repo_id])
        ),
        "rows": describe_rows(page.items[:MOST_FEATURES]),
        "may_curate": actor.has_role(Role.CURATOR),
    }
    return render(request, "catalog_app/stack.html", context)
