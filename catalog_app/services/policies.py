"""Licence policies. A change of one decides every source anew that stands under it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from autopack.actors import Actor
from autopack.errors import WrongState
from autopack.models import Project
from catalog_app.choices import LicenseDecision
from catalog_app.errors import InvalidPolicy
from catalog_app.licensing import DEFAULT_TERMS, PolicyTerms, ProblemLevel, check_terms
from catalog_app.models import FeatureCatalog, FeatureSource, LicensePolicy
from catalog_app.models.catalogs import DEFAULT_POLICY
from catalog_app.services.deciding import DECISION_FIELDS, decide_sources, terms_of
from catalog_app.services.recording import ensure_reason, record_changed, record_created
from catalog_app.services.sealing import changing, hold_catalogs

_TERM_FIELDS = ("allowed", "review", "denied", "allowed_as_dependency", "own_repositories")


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """What a curator says of a policy. With a `project`, which stays as it is made, plans for it are judged
    by this one."""

    slug: str
    title: str
    allowed: Sequence[str] = ()
    review: Sequence[str] = ()
    denied: Sequence[str] = ()
    allowed_as_dependency: Sequence[str] = ()
    own_repositories: LicenseDecision = LicenseDecision.ALLOWED
    notes: str = ""
    project: Project | None = None


def get_default_policy(*, actor: Actor) -> LicensePolicy:
    """The policy of new catalogs, made when it is first needed."""
    terms = DEFAULT_TERMS
    found = LicensePolicy.objects.filter(slug=DEFAULT_POLICY).first()
    if found is not None:
        return found
    policy = LicensePolicy(
        slug=DEFAULT_POLICY,
        title="Default policy",
        allowed=list(terms.allowed),
        review=list(terms.review),
        denied=list(terms.denied),
        allowed_as_dependency=list(terms.allowed_as_dependency),
        own_repositories=terms.own_repositories.value,
    )
    try:
        with transaction.atomic():
            (created,) = record_created([policy], actor=actor, reason="The policy that Autopack starts with")
    except IntegrityError:
        # Somebody else made it at the same moment.
        return LicensePolicy.objects.get(slug=DEFAULT_POLICY)
    return created


def save_policy(
    policy: LicensePolicy | None, entry: PolicyEntry, *, actor: Actor, reason: str
) -> LicensePolicy:
    """Create a policy (None), or change one and with it the decision of every source under it.

    Raises InvalidPolicy with every problem of its terms, ReasonRequired when the terms of an existing one
    change without a reason, WrongState (`policy_exists`) when one of that name is there already.
    """
    terms = PolicyTerms(
        allowed=tuple(entry.allowed),
        review=tuple(entry.review),
        denied=tuple(entry.denied),
        allowed_as_dependency=tuple(entry.allowed_as_dependency),
        own_repositories=entry.own_repositories,
    )
    _ensure_terms(terms)
    if policy is None:
        return _create_policy(entry, actor=actor, reason=reason.strip())
    with transaction.atomic():
        # All of them: until the end none comes under this policy that is not decided anew.
        hold_catalogs()
        return _change_policy(policy, entry, actor=actor, reason=reason)


def _change_policy(policy: LicensePolicy, entry: PolicyEntry, *, actor: Actor, reason: str) -> LicensePolicy:
    catalogs = FeatureCatalog.objects.filter(license_policy=policy).values_list("pk", flat=True)
    with changing(list(catalogs)) as changes:
        locked = hold_policy(policy)
        wanted = _columns(entry)
        changed = [name for name, value in wanted.items() if getattr(locked, name) != value]
        if not changed:
            return locked
        why = ensure_reason(reason, *changed) if set(changed) & set(_TERM_FIELDS) else reason.strip()
        for name in changed:
            setattr(locked, name, wanted[name])
        record_changed([locked], changed, actor=actor, reason=why)
        redecided = redecide(locked, actor=actor, reason=f"Policy {locked.slug}: {why}")
        changes.touch(source.feature_id for source in redecided)
    return locked


def _create_policy(entry: PolicyEntry, *, actor: Actor, reason: str) -> LicensePolicy:
    row = LicensePolicy(**_columns(entry), project=entry.project)
    try:
        with transaction.atomic():
            (created,) = record_created([row], actor=actor, reason=reason)
    except IntegrityError as error:
        raise WrongState(
            f"There is a policy {entry.slug!r} already. Look at it, and change that one.",
            code="policy_exists",
        ) from error
    return created


def hold_policy(policy: LicensePolicy) -> LicensePolicy:
    """The policy as it is now, which nobody else changes until the end of the caller's transaction. Comes
    after any lock of a catalog. New catalogs may refer to it meanwhile."""
    return LicensePolicy.objects.select_for_update(no_key=True).get(pk=policy.pk)


def redecide(policy: LicensePolicy, *, actor: Actor, reason: str) -> list[FeatureSource]:
    """Decide all sources under the policy anew, within the caller's `changing`; returns what changed."""
    sources = (
        FeatureSource.objects.select_for_update(of=("self",))
        .select_related("repo")
        .filter(feature__catalog__license_policy=policy)
        .order_by("pk")
    )
    changed = decide_sources(sources, terms_of(policy))
    record_changed(changed, DECISION_FIELDS, actor=actor, reason=reason)
    return changed


def _columns(entry: PolicyEntry) -> dict[str, object]:
    return {
        "slug": entry.slug,
        "title": entry.title,
        "allowed": list(entry.allowed),
        "review": list(entry.review),
        "denied": list(entry.denied),
        "allowed_as_dependency": list(entry.allowed_as_dependency),
        "own_repositories": entry.own_repositories.value,
        "notes": entry.notes,
    }


def _ensure_terms(terms: PolicyTerms) -> None:
    errors = [problem for problem in check_terms(terms) if problem.level is ProblemLevel.ERROR]
    if errors:
        raise InvalidPolicy(
            f"The policy has terms that cannot stand: {errors[0].detail}.",
            errors=[
                {
                    "code": "invalid_term",
                    "detail": problem.detail,
                    "field": problem.list_name,
                    "term": problem.term,
                    "suggestions": list(problem.suggestions),
                }
                for problem in errors
            ],
        )
