"""Repositories to fetch from, and mirrors of them."""

from dataclasses import dataclass, field
from pathlib import Path

from autopack.git.runner import GitRunner
from catalog_app.verification.mirror import Mirror, MirrorRules
from catalog_app.verification.places import PlaceRules, check_place
from catalog_app.verification.reading import MirrorReader
from tests.support.repos import FileContents, GitRepo, make_repo


@dataclass
class Upstreams:
    """Repositories below `root`, the one folder that may be fetched from."""

    root: Path
    mirrors: Path
    runner: GitRunner = field(default_factory=lambda: GitRunner(is_durable=False))

    @property
    def rules(self) -> PlaceRules:
        return PlaceRules(roots=(self.root,))

    def make(
        self, files: FileContents | None = None, *, name: str = "shop", is_partial: bool = True
    ) -> GitRepo:
        """A repository whose server can leave files out, or cannot."""
        repo = make_repo(self.root / name, files)
        repo.git("config", "uploadpack.allowFilter", "true" if is_partial else "false")
        return repo

    def mirror(self, repo: GitRepo | Path, rules: MirrorRules | None = None) -> Mirror:
        path = repo.path if isinstance(repo, GitRepo) else repo
        return Mirror(self.mirrors, check_place(str(path), self.rules), self.runner, rules or MirrorRules())

    def read(self, repo: GitRepo) -> MirrorReader:
        """A reader of a mirror that has just been fetched."""
        mirror = self.mirror(repo)
        mirror.fetch()
        return MirrorReader(mirror)
