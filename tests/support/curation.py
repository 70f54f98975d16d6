"""Repositories that a curation run looks at, and a worker for it in the test's own process."""

from dataclasses import dataclass
from pathlib import Path

from procrastinate.contrib.django.models import ProcrastinateJob

from autopack.actors import Actor, system_actor
from catalog_app.models import CurationCandidate, CurationRun, FeatureCatalog
from catalog_app.services.curating import start_curation_run
from catalog_app.services.queue import SURVEY_CANDIDATE
from catalog_app.services.surveying import execute_candidate
from tests.support.catalog_factories import CatalogFactory
from tests.support.repos import FileContents, GitRepo, make_repo

MIT = """MIT License

Copyright (c) 2026 Ada Example

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
WELL_KEPT: FileContents = {
    "LICENSE": MIT,
    "README.md": "# Magic links\n\nSign people in by a link that is sent to their address.\n",
    "magic_links/views.py": "def send_link(request):\n    return None\n",
    "tests/test_views.py": "def test_sends():\n    pass\n",
    ".github/workflows/ci.yml": "on: push\n",
}
LIBRARIAN = system_actor("librarian")


@dataclass
class Curation:
    """`root` is the one folder that may be fetched from."""

    root: Path

    def make(self, name: str = "magic-links", files: FileContents | None = None) -> GitRepo:
        return make_repo(self.root / name, WELL_KEPT if files is None else files)

    def start(
        self,
        *repos: GitRepo | Path | str,
        catalog: FeatureCatalog | None = None,
        title: str = "Ideas",
        actor: Actor = LIBRARIAN,
    ) -> CurationRun:
        text = "\n".join(str(repo.path if isinstance(repo, GitRepo) else repo) for repo in repos)
        return start_curation_run(catalog or CatalogFactory.create(), text, title=title, actor=actor)

    def work(self) -> None:
        """What waits in the queue is done."""
        jobs = ProcrastinateJob.objects.filter(task_name=SURVEY_CANDIDATE, status="todo").order_by("id")
        for job in jobs:
            execute_candidate(**job.args)
        jobs.delete()

    def survey(self, *repos: GitRepo | Path | str, catalog: FeatureCatalog | None = None) -> CurationRun:
        """A run whose repositories have all been looked at."""
        run = self.start(*repos, catalog=catalog)
        self.work()
        run.refresh_from_db()
        return run

    def candidate(self, *repos: GitRepo | Path | str) -> CurationCandidate:
        """The only one of a run that has been looked at."""
        return self.survey(*(repos or [self.make()])).candidates.get()
