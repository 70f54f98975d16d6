import pytest

from catalog_app.choices import LicenseDecision, Ownership, Use

ALLOWED, REVIEW, DENIED = LicenseDecision


def test_a_denial_is_the_strictest_and_a_permission_the_mildest() -> None:
    assert LicenseDecision.strictest(REVIEW, DENIED, ALLOWED) is DENIED
    assert LicenseDecision.mildest(REVIEW, DENIED, ALLOWED) is ALLOWED
    assert [decision.strictness for decision in LicenseDecision] == [0, 1, 2]


@pytest.mark.parametrize(
    ("member", "label", "colour"),
    [
        (DENIED, "Denied", "red"),
        (REVIEW, "Needs review", "yellow"),
        (ALLOWED, "Allowed", "green"),
        (Ownership.THIRD_PARTY, "Third party", "secondary"),
        (Ownership.OWN, "Own", "blue"),
        (Use.DEPENDENCY, "Dependency", "secondary"),
    ],
)
def test_labels_and_colours_are_for_people(
    member: LicenseDecision | Ownership | Use, label: str, colour: str
) -> None:
    assert (member.label, member.colour) == (label, colour)
