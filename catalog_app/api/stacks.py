"""Stack profiles and combinations."""

from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import features as answers
from catalog_app.api.answers.entries import SavedCombination, SavedStack
from catalog_app.api.base import BySlug, CatalogListing, EntryEndpoint
from catalog_app.api.parameters import IS_RETIRED, Q, Query, described_text
from catalog_app.api.requests import CombinationBody, ReasonBody, StackBody
from catalog_app.api.schema import CATALOG, ONLY_NEW, described_read, described_write
from catalog_app.api.tags import digest_repos, make_tag, own_part, state_of
from catalog_app.errors import CombinationNotFound, StackNotFound
from catalog_app.interchange.entries import Json
from catalog_app.interchange.writing import write_combination, write_stack
from catalog_app.models import FeatureCombination, StackProfile
from catalog_app.selectors.contents import combination_entry, stack_entry
from catalog_app.selectors.features import get_combination, list_combinations
from catalog_app.selectors.stacks import get_stack, list_stacks
from catalog_app.services.entries import EntryKind
from catalog_app.services.trusting import restore_stacks, retire_stacks

STACKS = "catalog: stacks"
COMBINATIONS = "catalog: combinations"


class ListStacks(CatalogListing):
    pagination_class = BySlug

    @described_read(
        answers.StackAnswer(many=True),
        tag=STACKS,
        parameters=[
            CATALOG,
            Q,
            described_text("project_type", "A label such as rag_app."),
            IS_RETIRED,
        ],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Stack profiles by slug, paged by cursor."""
        query = Query(request)
        words, project_type, is_retired = query.text("q"), query.text("project_type"), query.retired()
        query.check()
        catalog = self.catalog()
        return self.answer_catalog_page(
            catalog,
            lambda: list_stacks(catalog, words=words, project_type=project_type, is_retired=is_retired),
            answers.StackAnswer,
            # Another catalog may bring a repository that a stack here waits for.
            shows=[digest_repos()],
        )


class StackEndpoint(EntryEndpoint[StackProfile]):
    kind = EntryKind.STACK
    missing = StackNotFound

    def find(self) -> StackProfile:
        return get_stack(self.catalog(), self.kwargs["slug"])

    def tag_of(self, thing: StackProfile) -> str:
        path = reverse("catalog_api:stack", args=[thing.slug])
        shown = (state_of(thing.catalog), digest_repos())
        return make_tag(self.request, own_part(thing), *shown, path=path)

    def describe(self, thing: StackProfile) -> Any:
        return answers.StackDetail(thing).data

    def write(self, thing: StackProfile) -> dict[str, Json]:
        return write_stack(stack_entry(thing, [row.repo_ref for row in thing.preferred_repos.all()]))


class OneStack(StackEndpoint):
    @described_read(answers.StackDetail, tag=STACKS, parameters=[CATALOG])
    def get(self, request: Request, slug: str) -> HttpResponseBase:  # noqa: ARG002
        return self.look()

    @described_write(
        {200: SavedStack, 201: SavedStack}, tag=STACKS, body=StackBody, parameters=[CATALOG, ONLY_NEW]
    )
    def put(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Make a stack profile, or replace all that was said of it: as in stack_profiles.yaml below its slug,
        with `reason` beside. A retired one comes back."""
        return self.put_entry()

    @described_write(SavedStack, tag=STACKS, body=StackBody, parameters=[CATALOG])
    def patch(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Replace a part of what was said of a stack profile (RFC 7396): null takes away, lists are whole."""
        return self.patch_entry()


class RetireStack(StackEndpoint):
    @described_write(answers.StackDetail, tag=STACKS, body=ReasonBody, parameters=[CATALOG])
    def post(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Take a stack profile out of plans and exports; its history stays."""
        body = self.read(ReasonBody)
        with self.seen() as stack:
            retire_stacks([stack], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


class RestoreStack(StackEndpoint):
    @described_write(answers.StackDetail, tag=STACKS, body=ReasonBody, parameters=[CATALOG])
    def post(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Bring a retired stack profile back."""
        body = self.read(ReasonBody)
        with self.seen() as stack:
            restore_stacks([stack], actor=self.actor(), reason=body.reason_given)
        return self.answer_changed()


class ListCombinations(CatalogListing):
    pagination_class = BySlug

    @described_read(
        answers.CombinationAnswer(many=True),
        tag=COMBINATIONS,
        parameters=[CATALOG, described_text("feature", "Those that this feature is part of."), IS_RETIRED],
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Features that are often wanted together, by slug, paged by cursor."""
        query = Query(request)
        feature, is_retired = query.text("feature"), query.retired()
        query.check()
        catalog = self.catalog()
        return self.answer_catalog_page(
            catalog,
            lambda: list_combinations(catalog, feature=feature, is_retired=is_retired),
            answers.CombinationAnswer,
        )


class OneCombination(EntryEndpoint[FeatureCombination]):
    kind = EntryKind.COMBINATION
    missing = CombinationNotFound

    def find(self) -> FeatureCombination:
        return get_combination(self.catalog(), self.kwargs["slug"])

    def tag_of(self, thing: FeatureCombination) -> str:
        path = reverse("catalog_api:combination", args=[thing.slug])
        return make_tag(self.request, own_part(thing), state_of(thing.catalog), path=path)

    def describe(self, thing: FeatureCombination) -> Any:
        return answers.CombinationDetail(thing).data

    def write(self, thing: FeatureCombination) -> dict[str, Json]:
        return write_combination(combination_entry(thing))

    @described_read(answers.CombinationDetail, tag=COMBINATIONS, parameters=[CATALOG])
    def get(self, request: Request, slug: str) -> HttpResponseBase:  # noqa: ARG002
        return self.look()

    @described_write(
        {200: SavedCombination, 201: SavedCombination},
        tag=COMBINATIONS,
        body=CombinationBody,
        parameters=[CATALOG, ONLY_NEW],
    )
    def put(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Make a combination, or replace all that was said of it: as in feature_catalog.yaml below its slug,
        with `reason` beside. A retired one comes back."""
        return self.put_entry()

    @described_write(SavedCombination, tag=COMBINATIONS, body=CombinationBody, parameters=[CATALOG])
    def patch(self, request: Request, slug: str) -> Response:  # noqa: ARG002
        """Replace a part of what was said of a combination (RFC 7396): null takes away, lists are whole."""
        return self.patch_entry()
