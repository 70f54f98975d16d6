"""git is told to trust the one repository it works on, whoever owns it, and nothing beside it."""

from pathlib import Path

import pytest

from autopack.git.runner import GitRunner, Workplace
from tests.support.repos import make_repo


@pytest.mark.parametrize(
    ("is_bare", "trusted"),
    [(False, ["project/.git", "project"]), (True, ["project"])],
    ids=["normal", "bare"],
)
def test_exactly_the_repository_is_a_safe_directory(
    tmp_path: Path, is_bare: bool, trusted: list[str]
) -> None:
    repo = make_repo(tmp_path / "project", is_bare=is_bare)
    place = Workplace(git_dir=repo.git_dir, cwd=repo.git_dir)
    output = GitRunner().run(place, ["config", "--get-all", "safe.directory"]).stdout.decode()
    assert output.splitlines() == [str(tmp_path / path) for path in trusted]
