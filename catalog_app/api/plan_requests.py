"""Bodies of writes to plans. What is asked of a plan is read by the planning core itself, which knows more of
it than a serializer can say; here are the documented shapes."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from catalog_app.briefing.deltas import MAX_CHARACTERS
from catalog_app.choices import PlanMode
from catalog_app.interchange.entries import EntryProblem, Json
from catalog_app.planning.changes import PlanChanges, read_changes
from catalog_app.planning.composing import compose_request
from catalog_app.planning.request import PlanRequest

MAX_NOTE = 2_000
_ANY_OBJECT = {"type": "object", "additionalProperties": True}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_TEXT_OR_OBJECT = {"oneOf": [{"type": "string"}, _ANY_OBJECT]}
_FEATURES = {"type": "array", "items": _TEXT_OR_OBJECT, "maxItems": 5000}
_NAMES_TO_TEXT = {"type": "object", "additionalProperties": {"type": "string"}}


def _field(schema: Mapping[str, Any], help_text: str = "") -> serializers.Field[Any, Any, Any, Any]:
    """As JSON has it, with its documented shape. Any: whatever came."""

    @extend_schema_field(dict(schema))
    class Said(serializers.JSONField):
        pass

    return Said(required=False, allow_null=True, help_text=help_text)


class _SaidBody(serializers.Serializer[Any]):
    """Keeps what the core reads as it came, without the keys of its own."""

    own_keys: tuple[str, ...] = ()

    @property
    def said(self) -> dict[str, Json]:
        return {key: value for key, value in self.initial_data.items() if key not in self.own_keys}


class NewPlanBody(_SaidBody):
    """What is to be built. Give `features`, `text`, or both."""

    own_keys = ("dry_run", "plan_id", "project_id", "catalog", "note")

    dry_run = serializers.BooleanField(
        required=False, allow_null=True, help_text="Only plan; keep nothing. The answer is the same."
    )
    plan_id = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=200,
        help_text="The same request under the same id gives the same plan. Default: made of the title.",
    )
    project_id = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=100,
        help_text="Its licence policy decides, and its runs start there.",
    )
    catalog = serializers.CharField(
        required=False, allow_blank=True, allow_null=True, max_length=100, help_text="Default: main."
    )
    note = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=MAX_NOTE)
    title = _field({"type": "string"}, "Default: the first heading of the text.")
    summary = _field({"type": "string"})
    features = _field(
        _FEATURES,
        "Each a text (`no X` and `without X` are vetoes), or an object: `quote` or `slug`, and `key`, "
        "`terms`, `must` or `should`, `constraints`, `pin`, `build_new`, `veto`.",
    )
    text = _field({"type": "string"}, "A brief in markdown, as comprehensive_plan.md; at most 2 MB.")
    vetoes = _field({"type": "array", "items": _TEXT_OR_OBJECT})
    constraints = _field(_TEXTS, "They hold for the whole application.")
    project_type = _field({"type": "string"}, "A label of a stack profile. Default: proposed, with reasons.")
    mode = serializers.ChoiceField(
        PlanMode.pairs(),
        required=False,
        allow_null=True,
        help_text="`draft` also plans with sources that have to be verified before a run may start.",
    )
    stack = _field({"type": "string"}, "Pins a stack profile.")
    slots = _field(_NAMES_TO_TEXT, 'Pins values of the stack: `{"db": "postgres"}`.')
    pins = _field(
        {"type": "object", "additionalProperties": _TEXT_OR_OBJECT},
        "By a feature's key, slug or words: the repository, or `{repo_id, paths}`, that it is taken from.",
    )
    answers = _field(_NAMES_TO_TEXT, "By a question's id: the id of the option.")
    parameters = _field({"type": "array", "items": _ANY_OBJECT}, "What texts name as `{{name}}`.")
    values = _field(_ANY_OBJECT, "Of the parameters.")
    given_phases = _field({"type": "array", "items": _ANY_OBJECT}, "Phases that are taken over as they are.")

    def to_request(self) -> tuple[PlanRequest, tuple[EntryProblem, ...]]:
        return compose_request(self.said)


class ChangesBody(_SaidBody):
    """What is to be otherwise; what is left out stays. Features are named by key, slug, or words."""

    words = serializers.CharField(
        required=False,
        allow_blank=True,
        allow_null=True,
        max_length=MAX_CHARACTERS,
        help_text="Changes as people say them; they come before the others.",
    )
    title = _field({"type": "string"})
    summary = _field({"type": "string"})
    project_type = _field({"type": "string"})
    mode = serializers.ChoiceField(PlanMode.pairs(), required=False, allow_null=True)
    stack = _field({"type": "string"}, "Empty: choose one again.")
    slots = _field(_NAMES_TO_TEXT, "An empty value takes a pinned one back.")
    add = _field(_FEATURES)
    remove = _field(_TEXTS)
    replace = _field({"type": "array", "items": _ANY_OBJECT}, "Each `{feature, with}`.")
    pins = _field({"type": "object", "additionalProperties": True}, "null takes a pin back.")
    build_new = _field(_TEXTS)
    reuse = _field(_TEXTS, "Takes back that something is to be built new.")
    strengths = _field({"type": "object", "additionalProperties": {"enum": ["must", "should"]}})
    vetoes = _field({"type": "array", "items": _TEXT_OR_OBJECT})
    remove_vetoes = _field(_TEXTS)
    constraints = _field(_TEXTS, "Further ones.")
    remove_constraints = _field(_TEXTS)
    answers = _field(_NAMES_TO_TEXT, "By a question's id: the id of the option; empty takes it back.")
    values = _field(_ANY_OBJECT, "Of parameters; null takes one back.")

    def to_changes(self) -> tuple[PlanChanges, tuple[EntryProblem, ...]]:
        return read_changes(self.said)


class ReviseBody(ChangesBody):
    """The next version of a plan: what is to be otherwise."""

    own_keys = ("dry_run", "version", "note")

    dry_run = serializers.BooleanField(
        required=False, allow_null=True, help_text="Only say what would come out."
    )
    version = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="The version that you have seen: 409 `plan_version_conflict` if there is a newer one. The "
        "same changes to it again give the version that they made.",
    )
    note = serializers.CharField(required=False, allow_blank=True, allow_null=True, max_length=MAX_NOTE)


LISTED = OpenApiExample(
    "A list",
    value={
        "title": "Help desk",
        "plan_id": "help-desk",
        "features": [
            "People sign in with Google",
            {"slug": "ticketing", "must": True, "constraints": ["Tickets can be opened by mail"]},
            {"quote": "Look through old answers", "terms": ["full-text search"], "should": True},
            "no payments",
        ],
        "slots": {"db": "postgres"},
        "mode": "draft",
    },
    request_only=True,
    media_type="application/json",
)
BRIEF = OpenApiExample(
    "A brief, only tried",
    value={
        "dry_run": True,
        "text": "# Help desk\n\nFor our customers.\n\n## Features\n\n- Sign in\n- Tickets by mail\n",
    },
    request_only=True,
    media_type="application/json",
)
IN_WORDS = OpenApiExample(
    "In words",
    value={"words": "the same, but with Stripe and without teams"},
    request_only=True,
    media_type="application/json",
)
ANSWERED = OpenApiExample(
    "An answer, and one feature more",
    value={
        "version": 1,
        "answers": {"which:look-through-old-answers": "full-text-search"},
        "add": ["Teams with roles"],
        "pins": {"ticketing": "django-helpdesk"},
        "note": "Settled with support.",
    },
    request_only=True,
    media_type="application/json",
)
