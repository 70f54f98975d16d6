"""A bare copy of one branch of a repository, to replay in. No transport and no hook takes part."""

from pathlib import Path

from autopack.git.errors import GitError
from autopack.git.runner import Workplace
from runs_app.gitops.references import change_references, create_command, find_reference, update_command
from runs_app.gitops.types import ObjectId
from runs_app.replay.errors import ReplayError
from runs_app.replay.upstream import Upstream


def ensure_mirror(source: Upstream, path: Path, *, branch: str, tip: ObjectId) -> None:
    """Make the bare repository `path`, or bring it up to date: all history of `tip`, under `branch`."""
    try:
        if not (path / "HEAD").exists():
            _create(source, path, branch)
        _copy_objects(source, path, branch, tip)
    except (GitError, OSError) as error:
        raise ReplayError(f"The mirror {path} cannot be made: {error}") from error


def _create(source: Upstream, path: Path, branch: str) -> None:
    path.mkdir(parents=True, exist_ok=True)
    options = [
        "--template=",
        f"--initial-branch={branch}",
        f"--object-format={source.repository.object_format}",
    ]
    source.engine.runner.run(Workplace(git_dir=path, cwd=path), ["init", "--bare", "--quiet", *options])


def _copy_objects(source: Upstream, path: Path, branch: str, tip: ObjectId) -> None:
    engine = source.engine
    target = engine.open(path)
    ref = f"refs/heads/{branch}"
    known = find_reference(engine, target, ref)
    if known == tip:
        return
    wanted = f"{tip}\n"
    if known is not None and engine.read(source.repository, [known])[0] is not None:
        wanted += f"^{known}\n"
    # The packs are written where they belong; what the branch does not name yet does no harm.
    packs = path / "objects" / "pack" / "pack"
    packs.parent.mkdir(exist_ok=True)
    engine.runner.run(
        engine.object_place(source.repository),
        ["pack-objects", "--revs", "--quiet", "--delta-base-offset", "--non-empty", str(packs)],
        stdin=wanted.encode(),
    )
    command = create_command(ref, tip) if known is None else update_command(ref, tip, known)
    change_references(engine, target, [command])
