"""The decisions that curators take in lists and on single pages."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from autopack.actors import Actor
from autopack.errors import Refused
from catalog_app.admin.refusals import REASON_MESSAGE
from catalog_app.admin.steps import Outcome, ReasonForm, Step, counted
from catalog_app.models import FeatureSource, SourceRepo, SourceScan
from catalog_app.services import trusting
from catalog_app.services.verifying import cancel_scan, request_scan, request_scans

MOST_SCANS = 1000
MOST_REFUSALS = 10

Said = Mapping[str, Any]


class ScanForm(forms.Form):
    fetch_from = forms.CharField(
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="For this once: a path below a configured root, or a URL. Empty: as the repository says.",
    )
    reason = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="Kept with the scan.",
    )


class RepinForm(ReasonForm):
    revision = forms.CharField(
        required=False,
        max_length=255,
        widget=UnfoldAdminTextInputWidget,
        help_text="A branch, tag or commit. Empty: the head of its branch.",
    )
    fetch_from = ScanForm.base_fields["fetch_from"]
    field_order = ["revision", "fetch_from", "reason"]


class PinForm(ReasonForm):
    commit = forms.CharField(
        required=False,
        strip=True,
        widget=UnfoldAdminTextInputWidget,
        help_text="A full object name: 40 or 64 hexadecimal digits. Empty takes the pin away.",
    )
    field_order = ["commit", "reason"]


class JudgementForm(forms.Form):
    judgement = forms.DecimalField(
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(1),
        max_digits=3,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="0 to 1. Empty takes it back. It stands beside the measured quality, never in place of it.",
    )
    note = forms.CharField(
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        error_messages={"required": REASON_MESSAGE},
        help_text="What it is based on; kept with the judgement and in the history.",
    )


def _whitelist(repos: Sequence[SourceRepo], said: Said, actor: Actor) -> str:
    changed = trusting.whitelist_repos(repos, actor=actor, reason=said["reason"])
    return f"{counted(changed, 'repository', 'repositories')} whitelisted."


def _unlist(repos: Sequence[SourceRepo], said: Said, actor: Actor) -> str:
    changed = trusting.unlist_repos(repos, actor=actor, reason=said["reason"])
    return f"{counted(changed, 'repository', 'repositories')} taken off the whitelist."


def _foresee_listing(is_whitelisted: bool) -> Callable[[SourceRepo], Outcome]:
    def foresee(repo: SourceRepo) -> Outcome:
        if repo.is_whitelisted == is_whitelisted:
            state = "is whitelisted" if is_whitelisted else "is not whitelisted"
            return Outcome(repo.repo_id, f"{state} already", is_change=False)
        return Outcome(repo.repo_id, "is whitelisted" if is_whitelisted else "leaves the whitelist")

    return foresee


WHITELIST = Step(
    title="Whitelist these repositories?",
    explanation="Plans without anybody in the loop may take from them, where a source is verified and its "
    "licence allowed.",
    button="Whitelist",
    foresee=_foresee_listing(True),
    take=_whitelist,
)
UNLIST = Step(
    title="Take these repositories off the whitelist?",
    explanation="Nothing of them is reused unattended from now on.",
    button="Take off the whitelist",
    foresee=_foresee_listing(False),
    take=_unlist,
    is_dangerous=True,
)


def _retiring(
    one: str,
    many: str,
    retire: Callable[..., Sequence[object]],
    restore: Callable[..., Sequence[object]],
) -> tuple[Step, Step]:
    """The steps that take things out of the catalog and bring them back."""

    def foresee(row: Any, *, is_retired: bool) -> Outcome:
        if (row.retired_at is not None) == is_retired:
            return Outcome(str(row), "is retired already" if is_retired else "is active already", False)
        return Outcome(str(row), "is retired" if is_retired else "becomes active again")

    def take_out(rows: Sequence[Any], said: Said, actor: Actor) -> str:
        return f"{counted(retire(rows, actor=actor, reason=said['reason']), one, many)} retired."

    def bring_back(rows: Sequence[Any], said: Said, actor: Actor) -> str:
        return f"{counted(restore(rows, actor=actor, reason=said['reason']), one, many)} restored."

    return (
        Step(
            title=f"Retire these {many}?",
            explanation="They leave searches, plans and exports. Nothing is deleted: history and evidence "
            "stay, and they can be restored.",
            button="Retire",
            foresee=lambda row: foresee(row, is_retired=True),
            take=take_out,
            is_dangerous=True,
        ),
        Step(
            title=f"Restore these {many}?",
            explanation="They are part of the catalog again, as they were when they were retired.",
            button="Restore",
            foresee=lambda row: foresee(row, is_retired=False),
            take=bring_back,
        ),
    )


RETIRE_FEATURES, RESTORE_FEATURES = _retiring(
    "feature", "features", trusting.retire_features, trusting.restore_features
)
RETIRE_SOURCES, RESTORE_SOURCES = _retiring(
    "source", "sources", trusting.retire_sources, trusting.restore_sources
)
RETIRE_COMBINATIONS, RESTORE_COMBINATIONS = _retiring(
    "combination", "combinations", trusting.retire_combinations, trusting.restore_combinations
)
RETIRE_STACKS, RESTORE_STACKS = _retiring("stack", "stacks", trusting.retire_stacks, trusting.restore_stacks)


def _pin(sources: Sequence[FeatureSource], said: Said, actor: Actor) -> str:
    (source,) = sources
    pinned = trusting.set_pin(source, said["commit"], actor=actor, reason=said["reason"])
    return f"Pinned to {pinned.pinned_commit}." if pinned.pinned_commit else "The pin was taken away."


def _judge(sources: Sequence[FeatureSource], said: Said, actor: Actor) -> str:
    (source,) = sources
    judged = trusting.set_judgement(source, said["judgement"], note=said["note"], actor=actor)
    return f"Judged {judged.judgement}." if judged.judgement is not None else "The judgement was taken back."


SET_PIN = Step(
    title="Pin this source by hand?",
    explanation="It counts as verified only if a scan has verified that very commit; until one does, it is "
    "declared.",
    button="Set the pin",
    foresee=lambda source: Outcome(str(source), f"is pinned to {source.pinned_commit or 'nothing'} now"),
    take=_pin,
    form=PinForm,
    start=lambda source: {"commit": source.pinned_commit},
)
JUDGE = Step(
    title="Judge the quality of this source",
    explanation="A curator's own figure, beside the one that is measured.",
    button="Judge",
    foresee=lambda source: Outcome(
        str(source),
        f"measured {'-' if source.quality_score is None else source.quality_score}, "
        f"judged {'-' if source.judgement is None else source.judgement} now",
    ),
    take=_judge,
    form=JudgementForm,
    start=lambda source: {"judgement": source.judgement, "note": source.judgement_note},
)


def _foresee_scan(source: FeatureSource) -> Outcome:
    if source.retired_at is not None or source.feature.retired_at is not None:
        return Outcome(str(source), "is retired and not scanned", is_change=False)
    commit = (
        f"{source.pinned_commit[:12]}, and the head" if source.pinned_commit else "the head of its branch"
    )
    return Outcome(str(source), f"is scanned at {commit}")


def _verify(sources: Sequence[FeatureSource], said: Said, actor: Actor) -> str:
    if len(sources) > MOST_SCANS:
        raise Refused(
            f"Choose at most {MOST_SCANS} sources at a time; these are {len(sources)}.", code="too_many"
        )
    requested = request_scans(sources, actor=actor, reason=said["reason"], fetch_from=said["fetch_from"])
    if not requested.scans and requested.refused:
        raise Refused(
            "None of them can be scanned.",
            code="not_scanned",
            errors=[{"detail": f"{r.source}: {r.error.detail}"} for r in requested.refused[:MOST_REFUSALS]],
        )
    left = (
        f" {counted(requested.refused, 'source was', 'sources were')} left out, such as "
        if requested.refused
        else ""
    )
    example = f"{requested.refused[0].source}: {requested.refused[0].error.detail}" if left else ""
    return f"{counted(requested.scans, 'scan waits', 'scans wait')} for the worker.{left}{example}"


def _repin(sources: Sequence[FeatureSource], said: Said, actor: Actor) -> str:
    (source,) = sources
    scan = request_scan(
        source,
        actor=actor,
        reason=said["reason"],
        fetch_from=said["fetch_from"],
        revision=said["revision"],
        is_repin=True,
    )
    return f"Scan #{scan.pk} waits for the worker. The pin moves if the new commit verifies."


def _cancel(scans: Sequence[SourceScan], said: Said, actor: Actor) -> str:
    (scan,) = scans
    cancelled = cancel_scan(scan, actor=actor, reason=said["reason"])
    return "The scan is called off." if not cancelled.is_live else "The scan ends within seconds."


VERIFY = Step(
    title="Verify these sources?",
    explanation="The worker fetches each repository, finds the licence at its paths, and measures quality.",
    button="Verify",
    foresee=_foresee_scan,
    take=_verify,
    form=ScanForm,
)
REPIN = Step(
    title="Move the pin of this source?",
    explanation="The worker verifies another commit, and pins it only if it verifies. Else the pin stays.",
    button="Verify and pin",
    foresee=lambda source: Outcome(str(source), f"is pinned to {source.pinned_commit or 'nothing'} now"),
    take=_repin,
    form=RepinForm,
)
CANCEL_SCAN = Step(
    title="Call off this scan?",
    explanation="The source stays as it is.",
    button="Call off",
    foresee=lambda scan: Outcome(f"#{scan.pk}: {scan.source}", f"{scan.state}, {scan.progress_percent} %"),
    take=_cancel,
    is_dangerous=True,
)
