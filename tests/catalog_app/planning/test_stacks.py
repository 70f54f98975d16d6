import pytest

from catalog_app.briefing.types import Veto
from catalog_app.planning.mentions import find_mentions
from catalog_app.planning.request import PlanRequest
from catalog_app.planning.snapshot import FeatureFacts, Snapshot, StackFacts
from catalog_app.planning.stacks import ChosenStack, choose_stack
from tests.catalog_app.planning.catalogs import declared, feature, snapshot

DJANGO = StackFacts(
    "django",
    "Django",
    project_types=("saas", "web_app"),
    slots={"backend": "django-rest-framework", "db": "postgres", "cache": "redis", "frontend": "none"},
    preferred_repos=("allauth", "crispy"),
)
NEXT = StackFacts(
    "next", "Next.js", project_types=("web_app",), slots={"backend": "nextjs", "db": "postgres, mysql"}
)
GO = StackFacts("go", "Go service", project_types=("api_service",), slots={"backend": "go", "db": "postgres"})
MOBILE = StackFacts(
    "mobile", "Mobile", project_types=("mobile_app",), slots={"backend": "nestjs", "frontend": "react-native"}
)
CATALOG = snapshot(stacks=(MOBILE, GO, NEXT, DJANGO))


def pick(
    *features: FeatureFacts,
    project_type: str = "",
    pinned: str = "",
    catalog: Snapshot = CATALOG,
    **said: object,
) -> ChosenStack:
    # What a request may have is checked where requests are read.
    request = PlanRequest(**said)  # type: ignore[arg-type]
    return choose_stack(catalog, project_type, request, features, pinned=pinned)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nothing of the kind, let it go live next week", {}),
        ("Use Postgres.", {"postgres": True}),
        ("We know PostgreSQL and Next.js well", {"postgres": True, "nextjs": True}),
        ("React Native, not MySQL; Python", {"react-native": True, "mysql": False, "python": True}),
        ("no Redis, Postgres instead", {"redis": False, "postgres": True}),
        ("DRF in golang", {"django-rest-framework": True, "go": True}),
    ],
)
def test_parts_of_stacks_are_found_in_what_people_say(text: str, found: dict[str, bool]) -> None:
    mentions = find_mentions([text, text], CATALOG.stacks)
    assert {mention.value: mention.is_wanted for mention in mentions} == found


def test_without_a_profile_the_plan_goes_on_with_what_is_asked_for() -> None:
    chosen = pick(catalog=snapshot(), slots={"db": "postgres"})
    assert chosen.facts is None
    assert (chosen.choice.profile, chosen.choice.slots[0].value) == ("", "postgres")


def test_the_project_type_decides_before_all_else_and_the_order_of_its_labels_after_it() -> None:
    chosen = pick(project_type="web_app")
    assert chosen.choice.profile == "next"
    assert [part.weight for part in chosen.choice.parts] == [0.4, 0.25, 0.25, 0.1]
    assert [(each.profile, each.lacks) for each in chosen.choice.runners_up] == [
        ("django", ("project type: Made for web_app among others, in place 2.",)),
        ("go", ("it is not meant for web_app",)),
        ("mobile", ("it is not meant for web_app",)),
    ]
    mapped = pick(project_type="odd", catalog=snapshot(stacks=CATALOG.stacks, project_types={"odd": "go"}))
    assert mapped.choice.profile == "go"


def test_equal_profiles_are_taken_by_name_and_it_is_said() -> None:
    twins = snapshot(
        stacks=(StackFacts("b", "B", slots={"db": "x"}), StackFacts("a", "A", slots={"db": "x"}))
    )
    chosen = pick(catalog=twins)
    assert chosen.choice.profile == "a"
    assert "B has the same and comes after it by name" in chosen.choice.reason
    assert chosen.choice.runners_up[0].lacks == ("It lacks nothing that A has.",)


def test_a_pinned_slot_is_not_outvoted_and_its_reason_is_said() -> None:
    chosen = pick(project_type="saas", slots={"db": "MySQL", "queue": "kafka"})
    assert chosen.choice.profile == "next"
    slots = {slot.slot: slot for slot in chosen.choice.slots}
    assert (slots["db"].is_pinned, slots["db"].value) == (True, "postgres, mysql")
    assert (slots["queue"].value, slots["queue"].is_pinned) == ("kafka", True)
    assert slots["backend"].reason == "Part of the profile Next.js."
    assert {warning.code for warning in chosen.warnings} == {"stack_lacks", "unknown_slot"}
    assert "it has postgres as db where MySQL is asked for" in chosen.choice.runners_up[0].lacks


def test_a_slot_value_that_no_profile_has_stands_all_the_same() -> None:
    chosen = pick(project_type="saas", slots={"db": "postgrse", "backend": "django"})
    slots = {slot.slot: slot for slot in chosen.choice.slots}
    assert (chosen.choice.profile, slots["db"].value) == ("django", "postgrse")
    assert slots["backend"].reason == "Asked for in the request."
    assert slots["frontend"].reason == "Django has no frontend of its own."
    assert "Did you mean postgres?" in next(w.text for w in chosen.warnings if w.code == "unknown_slot_value")


def test_what_is_said_of_the_application_counts_and_is_quoted() -> None:
    chosen = pick(constraints=("We know Django.",), vetoes=(Veto("v", "MySQL"),))
    assert chosen.choice.profile == "django"
    slots = {slot.slot: slot.reason for slot in chosen.choice.slots}
    assert slots["backend"] == "Asked for: “We know Django”."
    lacks = {each.profile: each.lacks for each in chosen.choice.runners_up}
    assert "it has mysql (“no MySQL”)" in lacks["next"]


def test_features_count_by_what_they_can_be_taken_from() -> None:
    chosen = pick(
        feature("login", declared("allauth", compatible_stacks=("django",)), title="Login"),
        feature("search", declared("meili"), title="Search"),
        feature("own", title="Own"),
    )
    assert chosen.choice.profile == "django"
    assert chosen.choice.parts[2].reason == "2 of 2 features with sources have one that works on it."
    assert chosen.choice.parts[3].value == 0.5
    assert "no source of Login works on it" in chosen.choice.runners_up[0].lacks


def test_a_pinned_profile_wins_with_a_warning_of_what_it_lacks() -> None:
    login = feature("login", declared("allauth", compatible_stacks=("django",)), title="Login")
    chosen = pick(login, project_type="saas", pinned="go")
    assert (chosen.choice.profile, chosen.choice.is_pinned) == ("go", True)
    assert [warning.text for warning in chosen.warnings] == [
        "Go service: it is not meant for saas.",
        "Go service: no source of Login works on it.",
    ]
    assert chosen.choice.runners_up[0].profile == "django"
