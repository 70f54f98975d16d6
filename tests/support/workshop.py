"""A project on a real repository, keys for every role, and the verbs of a run over HTTP."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rest_framework.test import APIClient

from autopack.actors import Role, system_actor
from autopack.models import Project
from autopack.services.keys import create_key
from runs_app.adapters import get_adapter
from runs_app.choices import CiRunState
from runs_app.ci.local import LocalCommandRunner
from runs_app.models import CiRun, Phase, Run
from runs_app.services.ci_execution import execute_ci
from tests.support.interpreter import STEP_PYTHON
from tests.support.repos import GitRepo, make_repo

Json = Any  # JSON of an answer: its shape is what the tests look at


def python_step(code: str, *, name: str = "check", **options: Any) -> dict[str, Any]:
    """A CI step that runs a line of Python."""
    return {"name": name, "run": [STEP_PYTHON, "-c", code], **options}


@dataclass
class Workshop:
    repo: GitRepo
    project: Project
    scratch: Path
    clients: dict[str, APIClient] = field(default_factory=dict)
    drafts: int = 0

    def client(self, role: str, *, name: str = "") -> APIClient:
        """A client with a key of one role; the same one for the same name."""
        label = name or role
        if label not in self.clients:
            created = create_key(label, roles=[Role(role)], actor=system_actor("test"))
            client = APIClient()
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {created.plaintext}")
            self.clients[label] = client
        return self.clients[label]

    def post(self, path: str, body: Json = None, *, role: str = "builder", **headers: Any) -> Json:
        return self.client(role).post(f"/api/v1/{path}", body or {}, format="json", **headers)

    def get(self, path: str, *, role: str = "reader") -> Json:
        return self.client(role).get(f"/api/v1/{path}")

    def start(self, run_id: str = "r1", phases: int = 2, **run: Any) -> Json:
        """Start a run of `phases` phases p1, p2 … in one tier."""
        return self.post("runs/start", self.plan(run_id, phases, **run), role="planner")

    def plan(self, run_id: str = "r1", phases: int = 2, **run: Any) -> dict[str, Any]:
        return {
            "run": {"run_id": run_id, **run},
            "tiers": [{"tier_id": "t1", "tier_index": 0, "name": "Tier one"}],
            "phases": [
                {"phase_id": f"p{n}", "phase_index": n, "tier_id": "t1", "name": f"Phase {n}"}
                for n in range(1, phases + 1)
            ],
        }

    def result(
        self,
        phase_id: str,
        patch: bytes | str | None,
        *,
        run_id: str = "r1",
        role: str = "builder",
        **body: Any,
    ) -> Json:
        """Submit a builder result; headers go in as HTTP_… keywords."""
        headers = {key: body.pop(key) for key in list(body) if key.startswith("HTTP_")}
        text = patch.decode() if isinstance(patch, bytes) else patch
        whole = {"run_id": run_id, "phase_id": phase_id, "status": "success", "patch_content": text} | body
        return self.post(f"runs/{run_id}/phases/{phase_id}/builder_result", whole, role=role, **headers)

    def verdict(self, phase_id: str, recommendation: str, *, run_id: str = "r1", **body: Any) -> Json:
        whole = {
            "run_id": run_id,
            "phase_id": phase_id,
            "recommendation": recommendation,
            "review_notes": "Read it.",
        } | body
        return self.post(f"runs/{run_id}/phases/{phase_id}/auditor_result", whole, role="auditor")

    def patch_for(self, files: dict[str, str | None], *, onto: str = "main") -> bytes:
        """What git says a change of `files` on a revision is, made on a desk far from the checkout."""
        desk = make_repo(self.scratch / f"desk-{self.drafts}", {})
        self.drafts += 1
        lent = desk.git_dir / "objects" / "info" / "alternates"
        lent.parent.mkdir(exist_ok=True)
        lent.write_text(f"{self.repo.git_dir / 'objects'}\n")
        before = self.repo.rev(onto)
        desk.git("read-tree", before)
        desk.write({name: content for name, content in files.items() if content is not None})
        desk.git("update-index", "--add", "--remove", "--", *files)
        return desk.patch("--cached", before)

    def run_ci(self) -> int:
        """Run every queued CI run, as the worker would. Returns how many."""
        queued = list(
            CiRun.objects.filter(state=CiRunState.QUEUED, kind="local").values_list("pk", flat=True)
        )
        for pk in queued:
            execute_ci(pk, runner=LocalCommandRunner(self.scratch), git=get_adapter())
        return len(queued)

    def run(self, run_id: str = "r1") -> Run:
        return Run.objects.get(run_id=run_id)

    def phase(self, phase_id: str, run_id: str = "r1") -> Phase:
        return Phase.objects.get(run__run_id=run_id, phase_id=phase_id)

    def configure(self, **columns: Any) -> None:
        """Change the project, before a run starts."""
        Project.objects.filter(pk=self.project.pk).update(**columns)
        self.project.refresh_from_db()
