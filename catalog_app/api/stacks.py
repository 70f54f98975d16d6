"""Stack profiles and combinations."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import features as answers
from catalog_app.api.base import BySlug, CatalogEndpoint, CatalogListing
from catalog_app.api.parameters import IS_RETIRED, Q, Query, described_text
from catalog_app.api.schema import CATALOG, described_read
from catalog_app.api.tags import make_tag, own_part, state_of
from catalog_app.selectors.features import get_combination, list_combinations
from catalog_app.selectors.stacks import get_stack, list_stacks


class ListStacks(CatalogListing):
    pagination_class = BySlug

    @described_read(
        answers.StackAnswer(many=True),
        tag="catalog: stacks",
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
        )


class GetStack(CatalogEndpoint):
    @described_read(answers.StackDetail, tag="catalog: stacks", parameters=[CATALOG])
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        stack = get_stack(self.catalog(), slug)
        tag = make_tag(request, own_part(stack), state_of(stack.catalog))
        return self.answer_unless_known(tag, lambda: Response(answers.StackDetail(stack).data))


class ListCombinations(CatalogListing):
    pagination_class = BySlug

    @described_read(
        answers.CombinationAnswer(many=True),
        tag="catalog: features",
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


class GetCombination(CatalogEndpoint):
    @described_read(answers.CombinationDetail, tag="catalog: features", parameters=[CATALOG])
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        combination = get_combination(self.catalog(), slug)
        tag = make_tag(request, own_part(combination), state_of(combination.catalog))
        return self.answer_unless_known(tag, lambda: Response(answers.CombinationDetail(combination).data))
