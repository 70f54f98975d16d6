"""Curation runs and their candidates. Nothing here is part of a catalog, and nothing else reads it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from catalog_app.choices import CandidateState
from catalog_app.curation.proposals import KnownFeature
from catalog_app.errors import CandidateNotFound, CurationRunNotFound
from catalog_app.models import CurationCandidate, CurationRun, Feature, FeatureCatalog, FeatureSource
from catalog_app.models.curation import CurationCandidateQuerySet


@dataclass(frozen=True, slots=True)
class CandidateCounts:
    """How many candidates of a run are in each state."""

    by_state: dict[CandidateState, int]

    @property
    def total(self) -> int:
        return sum(self.by_state.values())

    @property
    def live(self) -> int:
        return self._sum(CandidateState.live())

    @property
    def looked_at(self) -> int:
        return self.total - self.live

    @property
    def undecided(self) -> int:
        """Waiting for a curator."""
        return self._sum(CandidateState.decidable())

    @property
    def accepted(self) -> int:
        return self._sum([CandidateState.ACCEPTED])

    @property
    def rejected(self) -> int:
        return self._sum([CandidateState.REJECTED])

    @property
    def percent(self) -> int:
        """Of the candidates, those that were looked at."""
        return 100 * self.looked_at // self.total if self.total else 100

    def _sum(self, states: Sequence[CandidateState]) -> int:
        return sum(self.by_state.get(state, 0) for state in states)


def list_curation_runs(catalog: FeatureCatalog | None = None) -> QuerySet[CurationRun]:
    """Runs of one catalog or of all, newest first, each with its counts (see `counts_of`)."""
    counts = {
        f"{state.value}_count": Count("candidates", filter=Q(candidates__state=state.value))
        for state in CandidateState
    }
    runs = CurationRun.objects.select_related("catalog").annotate(**counts).order_by("-id")
    return runs if catalog is None else runs.filter(catalog=catalog)


def get_curation_run(run_id: int) -> CurationRun:
    """Raises CurationRunNotFound."""
    run = list_curation_runs().select_related("catalog__license_policy").filter(pk=run_id).first()
    if run is None:
        raise CurationRunNotFound(f"There is no curation run {run_id}.")
    return run


def counts_of(run: CurationRun) -> CandidateCounts:
    """Of a run that `list_curation_runs` or `get_curation_run` has read."""
    return CandidateCounts({state: getattr(run, f"{state.value}_count") for state in CandidateState})


def list_candidates(
    run: CurationRun, *, states: Sequence[CandidateState] = (), words: str = ""
) -> CurationCandidateQuerySet:
    """Candidates in the order of the list, with what the accepted ones became. No states: any."""
    candidates: CurationCandidateQuerySet = CurationCandidate.objects.select_related(
        "source__feature", "source__repo"
    ).filter(run=run)
    if states:
        candidates = candidates.filter(state__in=[state.value for state in states])
    for word in words.split():
        candidates = candidates.filter(
            Q(url__icontains=word)
            | Q(proposal__title__icontains=word)
            | Q(proposal__slug__icontains=word)
            | Q(detected_license__icontains=word)
        )
    return candidates.order_by("position")


def get_candidate(candidate_id: int) -> CurationCandidate:
    """With its run, catalog and policy. Raises CandidateNotFound."""
    candidates = CurationCandidate.objects.select_related(
        "run__catalog__license_policy", "source__feature", "source__repo"
    )
    candidate = candidates.filter(pk=candidate_id).first()
    if candidate is None:
        raise CandidateNotFound(f"There is no curation candidate {candidate_id}.")
    return candidate


def list_known_features(catalog: FeatureCatalog) -> list[KnownFeature]:
    """Every feature, the retired ones too: their slugs are taken, and somebody had a reason to retire it."""
    keys: dict[int, set[str]] = {}
    sources = FeatureSource.objects.filter(feature__catalog=catalog).exclude(repo__url_key="")
    for feature_id, key in sources.values_list("feature_id", "repo__url_key"):
        keys.setdefault(feature_id, set()).add(key)
    features = Feature.objects.filter(catalog=catalog).order_by("slug")
    return [
        KnownFeature(slug, title, category, tuple(aliases), frozenset(keys.get(pk, ())))
        for pk, slug, title, category, aliases in features.values_list(
            "pk", "slug", "title", "category", "aliases"
        )
    ]
