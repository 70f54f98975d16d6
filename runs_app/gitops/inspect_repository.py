"""Is a repository one that governed apply can use, and what is it?"""

from pathlib import Path

from autopack.git.runner import Workplace
from runs_app.gitops.engine import GitEngine
from runs_app.gitops.errors import RepositoryUnusable
from runs_app.gitops.names import ensure_object_id
from runs_app.gitops.objects import commit_tree
from runs_app.gitops.repository import Repository, ensure_writable
from runs_app.gitops.types import RepositoryReport


def inspect_repository(engine: GitEngine, path: Path) -> RepositoryReport:
    """See `RepositoryInspector.inspect_repository`. A repository without a commit is usable."""
    engine.runner.version()
    repository = engine.open(path)
    ensure_writable(repository)
    head = Workplace(git_dir=repository.git_dir, cwd=repository.git_dir)
    branch = engine.runner.run(head, ["symbolic-ref", "--quiet", "HEAD"], accept=(0, 1, 128))
    name = branch.stdout.decode(errors="replace").strip()
    tip = engine.runner.run(head, ["rev-parse", "--verify", "--quiet", "HEAD"], accept=(0, 1, 128))
    if tip.exit_code == 0:
        _ensure_readable(engine, repository, tip.stdout.decode().strip())
    elif not name or (repository.common_dir / name).exists():
        raise RepositoryUnusable("broken", f"HEAD of {path} names no commit; run `git fsck` in it")
    return RepositoryReport(
        repo=path,
        git_dir=repository.git_dir,
        is_bare=repository.is_bare,
        object_format=repository.object_format,
        head_branch=name.removeprefix("refs/heads/"),
    )


def list_folders(engine: GitEngine, path: Path) -> tuple[Path, ...]:
    """See `RepositoryInspector.list_folders`."""
    try:
        repository = engine.open(path)
    except RepositoryUnusable:
        return (path,)
    objects = [repository.objects_dir]
    for folder in objects:
        objects += [other for other in _read_alternates(folder) if other not in objects]
    return tuple(dict.fromkeys([path, repository.git_dir, repository.common_dir, *objects]))


def _read_alternates(objects: Path) -> list[Path]:
    """The object folders that another one borrows from."""
    try:
        lines = (objects / "info" / "alternates").read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []
    return [(objects / line).resolve() for line in lines if line and not line.startswith("#")]


def _ensure_readable(engine: GitEngine, repository: Repository, commit: str) -> None:
    (found,) = engine.read(repository, [ensure_object_id(commit)])
    if found is None or found.kind != "commit":
        raise RepositoryUnusable(
            "broken", f"{repository.path} lacks the commit of its HEAD, {commit}; run `git fsck` in it"
        )
    engine.read_directories(repository, [commit_tree(found.body)])
