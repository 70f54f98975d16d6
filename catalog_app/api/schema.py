"""What the enumerations of the catalog are called in the OpenAPI document, and what its operations share."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from catalog_app import choices

V = TypeVar("V", bound=Callable[..., Any])

SOURCE_STATUSES = choices.SourceStatus.pairs()
SCAN_STATES = choices.ScanState.pairs()
LICENSE_DECISIONS = choices.LicenseDecision.pairs()
OWNERSHIPS = choices.Ownership.pairs()
VISIBILITIES = choices.Visibility.pairs()
CURATION_STATES = choices.CurationState.pairs()
CURATION_ORIGINS = choices.CurationOrigin.pairs()
LOOKUP_BANDS = choices.LookupBand.pairs()
CANDIDATE_STATES = choices.CandidateState.pairs()
PLAN_MODES = choices.PlanMode.pairs()

CATALOG = OpenApiParameter("catalog", OpenApiTypes.STR, description="The catalog's slug.", default="main")
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of an earlier answer: 304 if it still holds.",
)
ONLY_NEW = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    enum=["*"],
    description="`*`: only make it, and 412 if it exists.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The ETag of the thing as you have seen it: 412 if somebody has changed it since.",
)
ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Strong. For If-None-Match here, and for If-Match of writes.",
    response=[200, 304],
)


def described_read(
    answer: Any,
    *,
    tag: str,
    parameters: Sequence[OpenApiParameter] = (),
    examples: Sequence[OpenApiExample] = (),
    is_tagged: bool = True,
    operation_id: str | None = None,
) -> Callable[[V], V]:
    """`extend_schema` for a GET of this app; `is_tagged` says that it has an ETag.

    Any: whatever `extend_schema` takes as an answer.
    """
    shared = [IF_NONE_MATCH, ETAG] if is_tagged else []
    unchanged = {304: OpenApiResponse(description="Unchanged.")} if is_tagged else {}
    described: Callable[[V], V] = extend_schema(
        operation_id=operation_id,
        parameters=[*parameters, *shared],
        responses={**(answer if isinstance(answer, dict) else {200: answer}), **unchanged},
        examples=list(examples),
        tags=[tag],
    )
    return described


def described_write(
    answer: Any,
    *,
    tag: str,
    body: Any,
    parameters: Sequence[OpenApiParameter] = (),
    examples: Sequence[OpenApiExample] = (),
    is_conditional: bool = True,
) -> Callable[[V], V]:
    """`extend_schema` for a write; `is_conditional` says that it may be bound to a tag. Any: as above."""
    described: Callable[[V], V] = extend_schema(
        parameters=[*parameters, *([IF_MATCH] if is_conditional else [])],
        request=body,
        responses=answer if isinstance(answer, dict) else {200: answer},
        examples=list(examples),
        tags=[tag],
    )
    return described
