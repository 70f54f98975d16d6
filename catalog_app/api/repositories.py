"""Repositories."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import sources as answers
from catalog_app.api.base import ByRepoId, CatalogEndpoint, CatalogListing
from catalog_app.api.parameters import UPDATED_SINCE, Q, Query, described_choice, described_flag
from catalog_app.api.schema import CATALOG, described_read
from catalog_app.api.tags import digest_repos, make_tag, own_part, state_of
from catalog_app.choices import Ownership, Visibility
from catalog_app.selectors.repos import RepoFilter, get_repo, list_repos


class ListRepositories(CatalogListing):
    pagination_class = ByRepoId

    @described_read(
        answers.RepoAnswer(many=True),
        tag="catalog: repositories",
        parameters=[
            CATALOG,
            Q,
            described_choice("ownership", Ownership, "Whose it is."),
            described_choice("visibility", Visibility, "Who can see it."),
            described_flag("whitelisted", "Whether plans may take from it unattended."),
            described_flag("used", "Whether a feature of the catalog has a source in it."),
            UPDATED_SINCE,
        ],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Repositories of all catalogs by id, with what they count for in this one, paged by cursor."""
        wanted = _read_repo_filter(request)
        catalog = self.catalog()
        return self.answer_catalog_page(
            catalog, lambda: list_repos(catalog, wanted), answers.RepoAnswer, shows=[digest_repos()]
        )


class GetRepository(CatalogEndpoint):
    @described_read(answers.RepoDetail, tag="catalog: repositories", parameters=[CATALOG])
    def get(self, request: Request, repo_id: str) -> HttpResponseBase:
        catalog = self.catalog()
        repo = get_repo(catalog, repo_id)
        tag = make_tag(request, own_part(repo), state_of(catalog))
        return self.answer_unless_known(
            tag, lambda: Response(answers.RepoDetail(repo, context={"catalog": catalog}).data)
        )


def _read_repo_filter(request: Request) -> RepoFilter:
    query = Query(request)
    wanted = RepoFilter(
        words=query.text("q"),
        ownership=query.choice("ownership", Ownership),
        visibility=query.choice("visibility", Visibility),
        is_whitelisted=query.flag("whitelisted"),
        is_used=query.flag("used"),
        updated_since=query.moment("updated_since"),
    )
    query.check()
    return wanted
