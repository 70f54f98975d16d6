"""Repositories."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import sources as answers
from catalog_app.api.answers.entries import SavedRepository
from catalog_app.api.base import ByRepoId, CatalogListing, EntryEndpoint
from catalog_app.api.parameters import UPDATED_SINCE, Q, Query, described_choice, described_flag
from catalog_app.api.requests import ReasonBody, RepositoryBody
from catalog_app.api.schema import CATALOG, ONLY_NEW, described_read, described_write
from catalog_app.api.tags import digest_repos, make_tag, own_part, state_of
from catalog_app.choices import Ownership, Visibility
from catalog_app.errors import RepoNotFound
from catalog_app.interchange.entries import Json
from catalog_app.interchange.writing import write_repo
from catalog_app.models import SourceRepo
from catalog_app.selectors.contents import repo_entry
from catalog_app.selectors.repos import RepoFilter, get_repo, list_repos
from catalog_app.services.entries import EntryKind
from catalog_app.services.trusting import unlist_repos, whitelist_repos

TAG = "catalog: repositories"
OWN = OpenApiExample(
    "A repository of our own",
    value={
        "repo_url": "https://github.com/example/building-blocks",
        "ownership": "own",
        "visibility": "private",
        "whitelisted": True,
        "reason": "Ours, and reviewed.",
    },
    request_only=True,
    media_type="application/json",
)


class ListRepositories(CatalogListing):
    pagination_class = ByRepoId

    @described_read(
        answers.RepoAnswer(many=True),
        tag=TAG,
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


class RepositoryEndpoint(EntryEndpoint[SourceRepo]):
    kind = EntryKind.REPOSITORY
    missing = RepoNotFound

    def name(self) -> str:
        return str(self.kwargs["repo_id"])

    def find(self) -> SourceRepo:
        return get_repo(self.catalog(), self.kwargs["repo_id"])

    def tag_of(self, thing: SourceRepo) -> str:
        path = reverse("catalog_api:repository", args=[thing.repo_id])
        return make_tag(self.request, own_part(thing), state_of(self.catalog()), path=path)

    def describe(self, thing: SourceRepo) -> Any:
        return answers.RepoDetail(thing, context={"catalog": self.catalog()}).data

    def write(self, thing: SourceRepo) -> dict[str, Json]:
        return write_repo(repo_entry(thing))


class OneRepository(RepositoryEndpoint):
    @described_read(answers.RepoDetail, tag=TAG, parameters=[CATALOG])
    def get(self, request: Request, repo_id: str) -> HttpResponseBase:  # noqa: ARG002
        return self.look()

    @described_write(
        {200: SavedRepository, 201: SavedRepository},
        tag=TAG,
        body=RepositoryBody,
        parameters=[CATALOG, ONLY_NEW],
        examples=[OWN],
    )
    def put(self, request: Request, repo_id: str) -> Response:  # noqa: ARG002
        """Make a repository known, or replace what was said of it: as in the section `repositories` of
        feature_catalog.yaml, with `reason` beside."""
        return self.put_entry()

    @described_write(SavedRepository, tag=TAG, body=RepositoryBody, parameters=[CATALOG])
    def patch(self, request: Request, repo_id: str) -> Response:  # noqa: ARG002
        """Replace a part of what was said of a repository (RFC 7396): null takes away."""
        return self.patch_entry()


class WhitelistRepository(RepositoryEndpoint):
    @described_write(answers.RepoDetail, tag=TAG, body=ReasonBody, parameters=[CATALOG])
    def post(self, request: Request, repo_id: str) -> Response:  # noqa: ARG002
        """Let plans without anybody in the loop take from this repository."""
        body = self.read(ReasonBody)
        with self.seen() as repo:
            whitelist_repos([repo], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


class UnlistRepository(RepositoryEndpoint):
    @described_write(answers.RepoDetail, tag=TAG, body=ReasonBody, parameters=[CATALOG])
    def post(self, request: Request, repo_id: str) -> Response:  # noqa: ARG002
        """Let them no longer."""
        body = self.read(ReasonBody)
        with self.seen() as repo:
            unlist_repos([repo], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


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
