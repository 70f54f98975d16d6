"""Licence policies."""

from http import HTTPStatus
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request
from rest_framework.response import Response

from catalog_app.api.answers import catalogs as answers
from catalog_app.api.base import CatalogEndpoint, ThingEndpoint
from catalog_app.api.requests import PolicyBody, ensure_slug
from catalog_app.api.schema import ONLY_NEW, described_read, described_write
from catalog_app.api.tags import ensure_current, ensure_may_exist, list_part, make_tag, own_part, times_of
from catalog_app.errors import PolicyNotFound
from catalog_app.models import LicensePolicy
from catalog_app.selectors.catalogs import get_policy, list_policies
from catalog_app.services.policies import save_policy

TAG = "catalog: licences"
STRICTER = OpenApiExample(
    "A policy",
    value={
        "title": "Default policy",
        "allowed": ["category:permissive", "category:public-domain"],
        "review": ["category:copyleft-limited"],
        "denied": ["category:copyleft", "AGPL-*"],
        "reason": "AGPL by name, so that the reason says it.",
    },
    request_only=True,
    media_type="application/json",
)


class ListPolicies(CatalogEndpoint):
    @described_read(answers.PolicyList, tag=TAG, operation_id="catalog_licenses_policy_list")
    def get(self, request: Request) -> HttpResponseBase:
        """The licence policies of catalogs, and of the projects that the caller sees."""
        policies = list_policies(self.actor())
        tag = make_tag(request, list_part(), times_of(policies))
        return self.answer_unless_known(tag, lambda: Response(answers.PolicyList({"results": policies}).data))


class OnePolicy(ThingEndpoint[LicensePolicy]):
    def find(self) -> LicensePolicy:
        return get_policy(self.actor(), self.kwargs["slug"])

    def tag_of(self, thing: LicensePolicy) -> str:
        return make_tag(self.request, own_part(thing))

    def describe(self, thing: LicensePolicy) -> Any:
        return answers.PolicyAnswer(thing).data

    @described_read(answers.PolicyAnswer, tag=TAG)
    def get(self, request: Request, slug: str) -> HttpResponseBase:  # noqa: ARG002
        return self.look()

    @described_write(
        {200: answers.PolicyAnswer, 201: answers.PolicyAnswer},
        tag=TAG,
        body=PolicyBody,
        parameters=[ONLY_NEW],
        examples=[STRICTER],
    )
    def put(self, request: Request, slug: str) -> Response:
        """Make a policy, or replace what one says; every source under it is decided anew.

        A change of its terms wants a `reason`.
        """
        body = self.read(PolicyBody)
        entry = body.to_entry(slug)
        try:
            with self.seen() as policy:
                ensure_may_exist(request)
                save_policy(policy, entry, actor=self.actor(), reason=body.reason_given)
                return self.answer_changed()
        except PolicyNotFound:
            ensure_current(request, "")
            ensure_slug(slug)
            save_policy(None, entry, actor=self.actor(), reason=body.reason_given)
            return self.answer_changed(status=HTTPStatus.CREATED)
