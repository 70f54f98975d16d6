"""Making, revoking and checking API keys."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from autopack.actors import Actor, ActorKind, Role
from autopack.choices import KeyState
from autopack.errors import Refused, Unauthenticated
from autopack.models import ApiKey, Project
from autopack.services.keys import CreatedKey, actor_for_user, authenticate_key, create_key, revoke_key

pytestmark = pytest.mark.django_db

MakeKey = Callable[..., CreatedKey]


def test_a_key_without_name_or_roles_or_with_a_past_end_is_refused_with_every_reason(actor: Actor) -> None:
    with pytest.raises(Refused) as caught:
        create_key(" ", roles=[], expires_at=timezone.now(), actor=actor)
    assert caught.value.problem_code == "invalid_key_request"
    assert [reason["code"] for reason in caught.value.errors] == ["missing_name", "missing_roles", "expired"]
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("roles", [[], ["king"], ["reader", "king"]])
def test_the_database_refuses_roles_that_are_none(make_key: MakeKey, roles: list[str]) -> None:
    key = make_key().key
    with pytest.raises(IntegrityError, match="apikey_roles_known"), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(roles=roles)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ap_",
        "nonsense",
        "ap_aaaaaaaa_" + "x" * 40,
        "ap_aaaaaaaa_\x00",
        "AP_aaaaaaaa_" + "x" * 40,
        "ü" * 60,
    ],
)
def test_an_unknown_key_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        authenticate_key(text)
    assert caught.value.problem_code == "invalid_key"


def test_a_right_prefix_with_a_wrong_secret_is_refused_like_an_unknown_key(make_key: MakeKey) -> None:
    plaintext = make_key().plaintext
    changed = plaintext[:-1] + ("a" if plaintext[-1] != "a" else "b")
    for text in (changed, plaintext + "a", plaintext[:-1], plaintext.upper(), f" {plaintext}"):
        with pytest.raises(Unauthenticated) as caught:
            authenticate_key(text)
        assert caught.value.problem_code == "invalid_key"


def test_an_expired_key_is_refused_and_says_so(make_key: MakeKey) -> None:
    created = make_key(expires_at=timezone.now() + timedelta(days=1))
    authenticate_key(created.plaintext)
    ApiKey.objects.filter(pk=created.key.pk).update(expires_at=timezone.now())
    with pytest.raises(Unauthenticated) as caught:
        authenticate_key(created.plaintext)
    assert caught.value.problem_code == "expired_key"


def test_a_revoked_key_is_refused_also_when_it_has_expired(make_key: MakeKey, actor: Actor) -> None:
    created = make_key(expires_at=timezone.now() + timedelta(days=1))
    revoke_key(created.key, actor=actor)
    ApiKey.objects.filter(pk=created.key.pk).update(expires_at=timezone.now())
    with pytest.raises(Unauthenticated) as caught:
        authenticate_key(created.plaintext)
    assert caught.value.problem_code == "revoked_key"


def test_revoking_twice_keeps_the_first_time(make_key: MakeKey, actor: Actor) -> None:
    key = make_key().key
    first = revoke_key(key, actor=actor).revoked_at
    assert first is not None
    stale = ApiKey(pk=key.pk, prefix=key.prefix)
    assert revoke_key(stale, actor=actor).revoked_at == first


def test_only_a_hash_of_the_key_is_stored(make_key: MakeKey) -> None:
    created = make_key()
    prefix, secret = created.plaintext.split("_")[1:]
    assert created.plaintext.startswith("ap_")
    assert created.key.prefix == prefix
    assert len(prefix) == 8
    assert len(secret) == 40
    row = ApiKey.objects.filter(pk=created.key.pk).values().get()
    assert not [value for value in row.values() if secret in str(value)]
    assert row["secret_hash"] == hashlib.sha256(created.plaintext.encode()).hexdigest()


def test_two_keys_differ_in_prefix_and_secret(make_key: MakeKey) -> None:
    one, two = make_key().plaintext.split("_"), make_key().plaintext.split("_")
    assert one[1] != two[1]
    assert one[2] != two[2]


def test_a_key_becomes_an_actor_with_its_roles_and_every_project(make_key: MakeKey) -> None:
    created = make_key(Role.VERIFIER, Role.BUILDER, Role.BUILDER)
    actor = authenticate_key(created.plaintext)
    assert actor == Actor(
        ActorKind.KEY, f"key:{created.key.prefix}", "Cursor", frozenset({Role.BUILDER, Role.VERIFIER}), None
    )
    assert created.key.roles == ["builder", "verifier"]


def test_a_key_limited_to_projects_sees_only_those(
    make_key: MakeKey, make_project: Callable[..., Project]
) -> None:
    shop, _ = make_project("shop"), make_project("bank")
    actor = authenticate_key(make_key(projects=(shop, shop)).plaintext)
    assert actor.project_ids == frozenset({"shop"})
    assert actor.may_see("shop")
    assert not actor.may_see("bank")


def test_a_project_cannot_vanish_under_a_key_that_is_limited_to_it(
    make_key: MakeKey, make_project: Callable[..., Project]
) -> None:
    shop = make_project("shop")
    make_key(projects=(shop,))
    with pytest.raises(ProtectedError):
        shop.delete()


def test_use_is_noted_at_most_once_a_minute(
    make_key: MakeKey, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    created = make_key(Role.BUILDER)
    with django_assert_num_queries(2):
        authenticate_key(created.plaintext)
    noted = ApiKey.objects.get(pk=created.key.pk).last_used_at
    assert noted is not None
    with django_assert_num_queries(1):
        authenticate_key(created.plaintext)
    long_ago = timezone.now() - timedelta(minutes=2)
    ApiKey.objects.filter(pk=created.key.pk).update(last_used_at=long_ago)
    authenticate_key(created.plaintext)
    assert not ApiKey.objects.filter(pk=created.key.pk, last_used_at__lte=long_ago).exists()


def test_a_refused_key_notes_no_use(make_key: MakeKey, actor: Actor) -> None:
    created = make_key()
    revoke_key(created.key, actor=actor)
    with pytest.raises(Unauthenticated):
        authenticate_key(created.plaintext)
    assert ApiKey.objects.get(pk=created.key.pk).last_used_at is None


def test_querysets_and_state_agree(make_key: MakeKey, actor: Actor) -> None:
    now = timezone.now()
    keys = {
        KeyState.ACTIVE: make_key().key,
        KeyState.EXPIRED: make_key().key,
        KeyState.REVOKED: revoke_key(make_key().key, actor=actor),
    }
    ApiKey.objects.filter(pk=keys[KeyState.EXPIRED].pk).update(expires_at=now - timedelta(seconds=1))
    assert list(ApiKey.objects.active(now)) == [keys[KeyState.ACTIVE]]
    assert list(ApiKey.objects.expired(now)) == [keys[KeyState.EXPIRED]]
    assert list(ApiKey.objects.revoked()) == [keys[KeyState.REVOKED]]
    assert {key.pk: key.state for key in ApiKey.objects.all()} == {k.pk: s for s, k in keys.items()}


def test_strangers_and_inactive_people_have_no_roles(make_user: Callable[..., User]) -> None:
    assert actor_for_user(AnonymousUser()).roles == frozenset()
    former = make_user("former", Role.OPERATOR, is_active=False, is_superuser=True)
    assert actor_for_user(former).roles == frozenset()


def test_people_have_the_roles_of_their_groups(make_user: Callable[..., User]) -> None:
    user = make_user("ada", Role.OPERATOR, Role.PLANNER, first_name="Ada", last_name="L")
    actor = actor_for_user(user)
    assert actor == Actor(
        ActorKind.USER, f"user:{user.pk}", "Ada L", frozenset({Role.OPERATOR, Role.PLANNER}), None
    )


def test_a_superuser_has_every_role(make_user: Callable[..., User]) -> None:
    assert actor_for_user(make_user("root", is_superuser=True)).roles == frozenset(Role)
