"""Nothing that a repository, the machine or the environment configures is ever started or obeyed."""

from pathlib import Path

import pytest

from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import PromotionMode
from tests.support.governed import RELAXED, Run, added_file
from tests.support.repos import GitRepo, make_repo

HOOKS = (
    "reference-transaction",
    "post-index-change",
    "post-checkout",
    "pre-auto-gc",
    "post-merge",
    "pre-commit",
)


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[GitRepo, Path]:
    """A repository, a machine and an environment that run a program wherever git offers to."""
    repo = make_repo(
        tmp_path / "hostile", {"a.txt": "a\n", "b.bin": b"\0b", ".gitattributes": "* diff=evil\n"}
    )
    repo.git("branch", "stable")
    trap = tmp_path / "sprung"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> {trap}\ncat\n')
    program.chmod(0o755)
    hooks = tmp_path / "hooks"
    for folder in (hooks, repo.git_dir / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).write_text(f"#!/bin/sh\necho {name} >> {trap}\n")
            (folder / name).chmod(0o755)
    settings = {
        "core.hooksPath": str(hooks),
        "core.fsmonitor": str(program),
        "core.sshCommand": str(program),
        "core.gitProxy": str(program),
        "core.pager": str(program),
        "core.editor": str(program),
        "core.askPass": str(program),
        "core.alternateRefsCommand": str(program),
        "core.whitespace": "trailing-space,cr-at-eol",
        "apply.whitespace": "fix",
        "apply.ignoreWhitespace": "change",
        "diff.external": str(program),
        "diff.evil.command": str(program),
        "diff.evil.textconv": str(program),
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "filter.evil.clean": str(program),
        "filter.evil.smudge": str(program),
        "filter.evil.process": str(program),
        "merge.evil.driver": f"{program} %A",
        "merge.default": "evil",
        "gpg.program": str(program),
        "commit.gpgSign": "true",
        "tag.gpgSign": "true",
        "credential.helper": f"!{program}",
        "uploadpack.packObjectsHook": str(program),
        "alias.apply": f"!{program}",
        "core.autocrlf": "true",
        "gc.auto": "1",
    }
    for where in (repo.git_dir / "config", tmp_path / "user.config"):
        for key, value in settings.items():
            repo.git("config", "--file", str(where), key, value)
    (repo.git_dir / "info").mkdir(exist_ok=True)
    (repo.git_dir / "info" / "attributes").write_text("* diff=evil filter=evil merge=evil text\n")
    for name, value in {
        "GIT_CONFIG_GLOBAL": str(tmp_path / "user.config"),
        "GIT_DIR": "/nonexistent",
        "GIT_INDEX_FILE": "/nonexistent",
        "GIT_OBJECT_DIRECTORY": "/nonexistent",
        "GIT_WORK_TREE": "/nonexistent",
        "GIT_EXTERNAL_DIFF": str(program),
        "GIT_SSH_COMMAND": str(program),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": str(program),
        "GIT_TRACE": str(tmp_path / "trace"),
        "GIT_NAMESPACE": "elsewhere",
        "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z",
        "HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    return repo, trap


def test_no_program_runs_and_no_setting_counts(
    adapter: GitAdapter, hostile: tuple[GitRepo, Path], tmp_path: Path
) -> None:
    repo, trap = hostile
    run = Run(adapter, repo).start()
    adapter.inspect_repository(repo.path)
    adapter.resolve_commit(repo.path, "main")
    spaces = added_file("spaces.txt", "trailing  \nmixed \t x \n")
    crlf = added_file("crlf.txt", "x").replace(b"+x\n", b"+x\r\n")
    candidate = adapter.apply_patch(run.request(spaces + crlf, policy=RELAXED))
    assert repo.git("cat-file", "blob", f"{candidate.commit}:spaces.txt") == b"trailing  \nmixed \t x \n"
    assert repo.git("cat-file", "blob", f"{candidate.commit}:crlf.txt") == b"x\r\n"
    edit = b"--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-a\n+ours\n"
    tip = adapter.apply_patch(run.request(edit, parent=candidate.commit, phase_id="p2")).commit
    other = Run(adapter, repo, run_id="r2").start()
    theirs = adapter.apply_patch(other.request(edit.replace(b"+ours", b"+theirs"))).commit
    adapter.record_snapshot(run.snapshot_request(tip, expected=candidate.commit))
    assert adapter.check_merge(repo.path, tip, theirs).conflicts == ("a.txt",)
    content = adapter.diff(repo.path, run.base, tip, max_bytes=100_000).content
    assert b"--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-a\n+ours\n" in content
    assert adapter.read_file(repo.path, tip, "a.txt", max_bytes=10) == b"ours\n"
    adapter.log(repo.path, since=run.base, until=tip, limit=5)
    adapter.materialise(repo.path, tip, tmp_path / "out")
    assert (tmp_path / "out" / "spaces.txt").read_bytes() == b"trailing  \nmixed \t x \n"
    adapter.promote(run.promotion_request(tip, mode=PromotionMode.MERGE))
    adapter.drop_candidates(repo.path, "r1")
    adapter.maintain(repo.path)
    assert not trap.exists(), trap.read_text()
    assert not (tmp_path / "trace").exists()


def test_replaced_objects_are_not_obeyed(adapter: GitAdapter, repo: GitRepo) -> None:
    run = Run(adapter, repo).start()
    repo.git("replace", repo.rev("main:README.md"), repo.rev("main:src/app.py"))
    assert adapter.read_file(repo.path, run.base, "README.md", max_bytes=100).startswith(b"# A project")
    patch = (
        b"--- a/README.md\n+++ b/README.md\n@@ -1,3 +1,3 @@\n # A project\n \n-It does things.\n+It works.\n"
    )
    assert adapter.apply_patch(run.request(patch)).lines_added == 1
