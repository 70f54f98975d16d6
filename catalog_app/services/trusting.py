"""What a curator decides about trust: whitelist, pins, judgements, retirement. Each with a reason, each safe
to repeat: what is so already is left alone and leaves no history."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from autopack.actors import Actor
from autopack.errors import Refused
from catalog_app.models import Feature, FeatureCombination, FeatureSource, SourceRepo, StackProfile
from catalog_app.services.deciding import DECISION_FIELDS, decide_sources, terms_of
from catalog_app.services.evidence import EVIDENCE_FIELDS, reconsider
from catalog_app.services.recording import ensure_reason, record_changed
from catalog_app.services.saving import hold_saving
from catalog_app.services.sealing import catalogs_with, changing

N = TypeVar("N", StackProfile, FeatureCombination)

_OBJECT_ID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})", re.ASCII)


def whitelist_repos(repos: Sequence[SourceRepo], *, actor: Actor, reason: str) -> list[SourceRepo]:
    """Let plans without anybody in the loop take from these repositories. Returns those that changed.

    Raises ReasonRequired; Refused (`repository_without_address`) where one has no address to verify.
    """
    why = ensure_reason(reason, "whitelisted")
    placeless = [repo for repo in repos if not repo.url_key and not repo.fetch_from]
    if placeless:
        raise Refused(
            "A repository without a real address cannot be whitelisted. Give it one first.",
            code="repository_without_address",
            errors=[
                {
                    "code": "repository_without_address",
                    "detail": f"{repo.repo_id} has the address {repo.url!r}.",
                }
                for repo in placeless
            ],
        )
    return _set_whitelisted(repos, is_whitelisted=True, actor=actor, reason=why)


def unlist_repos(repos: Sequence[SourceRepo], *, actor: Actor, reason: str) -> list[SourceRepo]:
    """The opposite. Raises ReasonRequired."""
    why = ensure_reason(reason, "whitelisted")
    return _set_whitelisted(repos, is_whitelisted=False, actor=actor, reason=why)


def set_pin(source: FeatureSource, commit: str, *, actor: Actor, reason: str) -> FeatureSource:
    """Pin a source by hand, or with an empty commit unpin it. It counts as verified only if a scan has
    verified that very commit. Raises ReasonRequired; Refused (`invalid_commit`)."""
    why = ensure_reason(reason, "pinned_commit")
    wanted = commit.strip().lower()
    if wanted and not _OBJECT_ID.fullmatch(wanted):
        raise Refused(
            "A pin is a full object name: 40 or 64 hexadecimal digits, not a branch or a short name.",
            code="invalid_commit",
        )
    with changing([source.feature.catalog_id]) as changes:
        (locked,) = _lock_sources([source])
        if locked.pinned_commit == wanted:
            return locked
        locked.pinned_commit = wanted
        locked.pinned_at = timezone.now() if wanted else None
        # Without a pin, its last scan would pin it again.
        locked.last_scan = locked.last_scan if wanted else None
        reconsider([locked])
        decide_sources([locked], terms_of(locked.feature.catalog.license_policy))
        fields = ["pinned_commit", "pinned_at", *EVIDENCE_FIELDS, *DECISION_FIELDS]
        record_changed([locked], fields, actor=actor, reason=why)
        changes.touch([locked.feature_id])
    return locked


def set_judgement(
    source: FeatureSource, judgement: Decimal | None, *, note: str = "", actor: Actor
) -> FeatureSource:
    """A curator's own figure beside the measured quality, or None to take it back.

    Raises Refused (`invalid_judgement`) outside 0 to 1.
    """
    if judgement is not None and not Decimal(0) <= judgement <= Decimal(1):
        raise Refused("A judgement is a number from 0 to 1.", code="invalid_judgement")
    with changing([source.feature.catalog_id]) as changes:
        (locked,) = _lock_sources([source])
        wanted = (judgement.quantize(Decimal("0.01")) if judgement is not None else None, note.strip())
        if (locked.judgement, locked.judgement_note) == wanted:
            return locked
        locked.judgement, locked.judgement_note = wanted
        record_changed([locked], ["judgement", "judgement_note"], actor=actor, reason=note.strip())
        changes.touch([locked.feature_id])
    return locked


def retire_features(features: Sequence[Feature], *, actor: Actor, reason: str) -> list[Feature]:
    """Take features out of search, plans and exports. Their history and scans stay; `restore_features`
    brings them back. Returns those that changed.

    Raises ReasonRequired; Refused (`feature_required`) where a feature that stays requires one of them.
    """
    return _set_features_retired(features, is_retired=True, actor=actor, reason=reason)


def restore_features(features: Sequence[Feature], *, actor: Actor, reason: str) -> list[Feature]:
    """The opposite. Raises ReasonRequired; Refused (`feature_required`) where one of them requires a feature
    that stays retired."""
    return _set_features_retired(features, is_retired=False, actor=actor, reason=reason)


def retire_sources(sources: Sequence[FeatureSource], *, actor: Actor, reason: str) -> list[FeatureSource]:
    """Take sources out of plans and exports; reversible. Raises ReasonRequired."""
    return _set_sources_retired(sources, is_retired=True, actor=actor, reason=reason)


def restore_sources(sources: Sequence[FeatureSource], *, actor: Actor, reason: str) -> list[FeatureSource]:
    return _set_sources_retired(sources, is_retired=False, actor=actor, reason=reason)


def retire_stacks(stacks: Sequence[StackProfile], *, actor: Actor, reason: str) -> list[StackProfile]:
    """Take stack profiles out of plans and exports; reversible. Raises ReasonRequired."""
    return _set_named_retired(StackProfile, stacks, is_retired=True, actor=actor, reason=reason)


def restore_stacks(stacks: Sequence[StackProfile], *, actor: Actor, reason: str) -> list[StackProfile]:
    return _set_named_retired(StackProfile, stacks, is_retired=False, actor=actor, reason=reason)


def retire_combinations(
    combinations: Sequence[FeatureCombination], *, actor: Actor, reason: str
) -> list[FeatureCombination]:
    """Take combinations out of pages and exports; reversible. Raises ReasonRequired."""
    return _set_named_retired(FeatureCombination, combinations, is_retired=True, actor=actor, reason=reason)


def restore_combinations(
    combinations: Sequence[FeatureCombination], *, actor: Actor, reason: str
) -> list[FeatureCombination]:
    return _set_named_retired(FeatureCombination, combinations, is_retired=False, actor=actor, reason=reason)


def _set_whitelisted(
    repos: Sequence[SourceRepo], *, is_whitelisted: bool, actor: Actor, reason: str
) -> list[SourceRepo]:
    with transaction.atomic():
        # Saving content reads repositories, and writes them, in catalogs that do not use them yet.
        hold_saving()
        return _write_whitelisted(repos, is_whitelisted=is_whitelisted, actor=actor, reason=reason)


def _write_whitelisted(
    repos: Sequence[SourceRepo], *, is_whitelisted: bool, actor: Actor, reason: str
) -> list[SourceRepo]:
    with changing(catalogs_with(repos)) as changes:
        locked = SourceRepo.objects.select_for_update().filter(pk__in=[repo.pk for repo in repos])
        changed = list(locked.filter(is_whitelisted=not is_whitelisted).order_by("pk"))
        for repo in changed:
            repo.is_whitelisted = is_whitelisted
        record_changed(changed, ["is_whitelisted"], actor=actor, reason=reason)
        changes.touch_repos(changed)
    return changed


def _set_features_retired(
    features: Sequence[Feature], *, is_retired: bool, actor: Actor, reason: str
) -> list[Feature]:
    why = ensure_reason(reason, "retired")
    with changing({feature.catalog_id for feature in features}) as changes:
        rows = Feature.objects.select_for_update().filter(pk__in=[feature.pk for feature in features])
        changed = list(rows.filter(retired_at__isnull=is_retired).order_by("pk"))
        for feature in changed:
            feature.retired_at = timezone.now() if is_retired else None
        record_changed(changed, ["retired_at"], actor=actor, reason=why)
        _ensure_requirements(changed)
        changes.touch(changed)
    return changed


def _ensure_requirements(changed: Sequence[Feature]) -> None:
    """No active feature requires a retired one. Raises Refused (`feature_required`)."""
    slugs = {feature.slug for feature in changed}
    near = Feature.objects.active().filter(catalog__in={feature.catalog_id for feature in changed})
    concerned = list(near.filter(Q(requires__overlap=sorted(slugs)) | Q(slug__in=slugs)))
    required = {slug for feature in concerned for slug in feature.requires}
    active = set(near.filter(slug__in=required).values_list("catalog", "slug"))
    errors = [
        {
            "code": "feature_required",
            "detail": f"{feature.slug} requires {slug}.",
            "feature": feature.slug,
            "requires": slug,
        }
        for feature in concerned
        for slug in feature.requires
        if (feature.catalog_id, slug) not in active and {slug, feature.slug} & slugs
    ]
    if errors:
        raise Refused(
            f"A feature cannot be in use without what it requires: {errors[0]['detail']}",
            code="feature_required",
            errors=errors,
        )


def _set_sources_retired(
    sources: Sequence[FeatureSource], *, is_retired: bool, actor: Actor, reason: str
) -> list[FeatureSource]:
    why = ensure_reason(reason, "retired")
    with changing({source.feature.catalog_id for source in sources}) as changes:
        changed = [s for s in _lock_sources(sources) if (s.retired_at is None) == is_retired]
        for source in changed:
            source.retired_at = timezone.now() if is_retired else None
        record_changed(changed, ["retired_at"], actor=actor, reason=why)
        changes.touch(source.feature_id for source in changed)
    return changed


def _set_named_retired(
    model: type[N], things: Sequence[N], *, is_retired: bool, actor: Actor, reason: str
) -> list[N]:
    """Of things that no feature's digest covers."""
    why = ensure_reason(reason, "retired")
    with changing({thing.catalog_id for thing in things}):
        rows = model._default_manager.select_for_update().filter(pk__in=[thing.pk for thing in things])
        changed = list(rows.filter(retired_at__isnull=is_retired).order_by("pk"))
        for thing in changed:
            thing.retired_at = timezone.now() if is_retired else None
        record_changed(changed, ["retired_at"], actor=actor, reason=why)
    return changed


def _lock_sources(sources: Sequence[FeatureSource]) -> QuerySet[FeatureSource]:
    return (
        FeatureSource.objects.select_for_update(of=("self",))
        .select_related("feature__catalog__license_policy", "repo", "last_scan")
        .filter(pk__in=[source.pk for source in sources])
        .order_by("pk")
    )
