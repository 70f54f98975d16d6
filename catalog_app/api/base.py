"""What the catalog's endpoints share: which catalog, answers by entity tag, pages that name their catalog."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, ClassVar, Generic, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from autopack.api.base import Endpoint, Listing, NewestFirst
from autopack.errors import NotFound
from autopack.permissions import Curates
from catalog_app.api.answers.catalogs import CatalogState
from catalog_app.api.answers.entries import WarningAnswer
from catalog_app.api.requests import read_entry
from catalog_app.api.tags import (
    ensure_current,
    ensure_may_exist,
    is_known,
    list_part,
    make_tag,
    own_part,
    state_of,
)
from catalog_app.interchange.entries import Json
from catalog_app.models import FeatureCatalog
from catalog_app.models.catalogs import DEFAULT_CATALOG
from catalog_app.selectors.catalogs import get_catalog
from catalog_app.services.entries import EntryKind, merge_entry, save_entry
from catalog_app.services.saving import hold_saving
from catalog_app.services.sealing import hold_catalogs

M = TypeVar("M", bound=Model)


class CatalogEndpoint(Endpoint):
    def catalog(self) -> FeatureCatalog:
        """The catalog of `?catalog=`. Raises CatalogNotFound."""
        return get_catalog(self.request.query_params.get("catalog") or DEFAULT_CATALOG)

    def answer_unless_known(self, tag: str, make: Callable[[], HttpResponse]) -> HttpResponseBase:
        """304 to a caller that has this answer; else the answer with its tag."""
        if is_known(self.request, tag):
            return HttpResponseNotModified(headers=_headers(tag))
        response = make()
        for name, value in _headers(tag).items():
            response.headers[name] = value
        return response


class OwnForm(Endpoint):
    """Answers in the form that it chooses, which may be none of those that DRF knows; Accept refuses none."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:  # noqa: ARG002
        """Any: DRF's pair of renderer and media type."""
        return super().perform_content_negotiation(request, force=True)


class HeldEndpoint(CatalogEndpoint, Generic[M]):
    """Curators change one thing, if they like bound to what they have seen of it."""

    permission_classes = [Curates]

    def find(self) -> M:
        """The thing that the address names. Raises NotFound."""
        raise NotImplementedError

    @contextmanager
    def seen(self) -> Iterator[M]:
        """The thing that is to be changed. To a caller with If-Match it is what they have seen, until the end
        of the block. Raises PreconditionFailed."""
        if "If-Match" not in self.request.headers:
            yield self.find()
            return
        with self.holding() as thing:
            ensure_current(self.request, own_part(thing))
            yield thing

    @contextmanager
    def holding(self) -> Iterator[M]:
        """The thing, which nobody else changes until the end of the block."""
        thing = self.find()
        with transaction.atomic():
            hold_saving()
            hold_catalogs()
            type(thing)._base_manager.select_for_update(no_key=True).get(pk=thing.pk)
            yield self.find()


class ThingEndpoint(HeldEndpoint[M]):
    """One thing of the catalog: anybody may look at it, curators may change it."""

    def tag_of(self, thing: M) -> str:
        """The tag of its GET."""
        raise NotImplementedError

    def describe(self, thing: M) -> Any:
        """Its GET's answer, as plain JSON. Any: every kind has its own."""
        raise NotImplementedError

    def look(self) -> HttpResponseBase:
        thing = self.find()
        return self.answer_unless_known(self.tag_of(thing), lambda: Response(self.describe(thing)))

    def answer_changed(self, *, status: int = HTTPStatus.OK) -> Response:
        """The thing as it is now, with the tag that its GET would have."""
        thing = self.find()
        return Response(self.describe(thing), status=status, headers=_headers(self.tag_of(thing)))


class EntryEndpoint(ThingEndpoint[M]):
    """One thing that curators can also write as a whole, in the shape that files have."""

    kind: ClassVar[EntryKind]
    missing: ClassVar[type[NotFound]]

    def name(self) -> str:
        """What the address calls it."""
        return str(self.kwargs["slug"])

    def write(self, thing: M) -> dict[str, Json]:
        """What files would say of it."""
        raise NotImplementedError

    def put_entry(self) -> Response:
        """Make it, or replace all that was said of it; with `If-None-Match: *` only make it."""
        written, reason = read_entry(self.request)
        try:
            with self.seen():
                ensure_may_exist(self.request)
                return self._save(written, reason, status=HTTPStatus.OK)
        except self.missing:
            ensure_current(self.request, "")
            return self._save(written, reason, status=HTTPStatus.CREATED)

    def patch_entry(self) -> Response:
        """Replace a part of what was said of it."""
        written, reason = read_entry(self.request)
        with self.holding() as thing:
            ensure_current(self.request, own_part(thing))
            if isinstance(written, Mapping):
                written = merge_entry(self.write(thing), written)
            return self._save(written, reason, status=HTTPStatus.OK)

    def _save(self, written: object, reason: str, *, status: int) -> Response:
        warnings = save_entry(
            self.catalog(), self.kind, self.name(), written, actor=self.actor(), reason=reason
        )
        response = self.answer_changed(status=status)
        response.data["warnings"] = WarningAnswer(warnings, many=True).data
        return response


class CatalogPages(NewestFirst):
    """By number, oldest first. Each page says which state of the catalog it shows."""

    ordering = "id"
    catalog: FeatureCatalog

    def get_paginated_response(self, data: Any) -> Response:
        page = super().get_paginated_response(data)
        page.data = {"catalog": CatalogState(self.catalog).data, **page.data}
        return page

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        page = super().get_paginated_response_schema(schema)
        page["required"] = ["catalog", *page["required"]]
        page["properties"] = {"catalog": {"$ref": "#/components/schemas/CatalogState"}, **page["properties"]}
        return page


class BySlug(CatalogPages):
    ordering = "slug"
    positions = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)


class ByRepoId(BySlug):
    ordering = "repo_id"


class CatalogListing(CatalogEndpoint, Listing):
    pagination_class: type[CatalogPages] = CatalogPages

    def answer_catalog_page(
        self,
        catalog: FeatureCatalog,
        list_rows: Callable[[], QuerySet[Any]],
        answer: type[serializers.BaseSerializer[Any]],
        *,
        shows: Sequence[object] = (),
    ) -> HttpResponseBase:
        """One page, unless the caller has it. `shows` is what it shows beside the catalog's contents.

        The rows are asked for only if they are wanted.
        """

        def make() -> Response:
            pages = self.pagination_class()
            pages.catalog = catalog
            found = pages.paginate_queryset(list_rows(), self.request, view=self)
            return pages.get_paginated_response(answer(found, many=True).data)

        tag = make_tag(self.request, list_part(), state_of(catalog), *shows)
        return self.answer_unless_known(tag, make)


def _headers(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": "private, no-cache"}
