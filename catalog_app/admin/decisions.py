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
from catalog_app.admin.refusals import REASON_MESSAGE
from catalog_app.admin.steps import Outcome, ReasonForm, Step, counted
from catalog_app.models import FeatureSource, SourceRepo
from catalog_app.services import trusting

Said = Mapping[str, Any]


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
