"""Licence policies."""

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import catalogs as answers
from catalog_app.api.base import CatalogEndpoint
from catalog_app.api.schema import described_read
from catalog_app.api.tags import list_part, make_tag, own_part, times_of
from catalog_app.selectors.catalogs import get_policy, list_policies


class ListPolicies(CatalogEndpoint):
    @described_read(answers.PolicyList, tag="catalog: licences", operation_id="catalog_licenses_policy_list")
    def get(self, request: Request) -> HttpResponseBase:
        """The licence policies of catalogs, and of the projects that the caller sees."""
        policies = list_policies(self.actor())
        tag = make_tag(request, list_part(), times_of(policies))
        return self.answer_unless_known(tag, lambda: Response(answers.PolicyList({"results": policies}).data))


class GetPolicy(CatalogEndpoint):
    @described_read(answers.PolicyAnswer, tag="catalog: licences")
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        policy = get_policy(self.actor(), slug)
        tag = make_tag(request, own_part(policy))
        return self.answer_unless_known(tag, lambda: Response(answers.PolicyAnswer(policy).data))
