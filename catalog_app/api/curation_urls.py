"""Addresses of curation runs, below `/api/v1/catalog/curation/`."""

from django.urls import path

from catalog_app.api import curation

RUN = "runs/<int:run_id>"
CANDIDATE = "candidates/<int:candidate_id>"

urlpatterns = [
    path("runs", curation.CurationRuns.as_view(), name="curation-runs"),
    path(RUN, curation.OneCurationRun.as_view(), name="curation-run"),
    path(f"{RUN}/decide", curation.DecideCandidates.as_view(), name="decide-candidates"),
    path(f"{RUN}/cancel", curation.CancelCurationRun.as_view(), name="cancel-curation-run"),
    path(CANDIDATE, curation.OneCandidate.as_view(), name="curation-candidate"),
    path(f"{CANDIDATE}/retry", curation.RetryCandidate.as_view(), name="retry-candidate"),
]
