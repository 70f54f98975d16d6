"""Fetching a mirror: what is refused, what survives a kill, and what arrives."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from autopack.git.errors import GitCommandFailed
from autopack.git.runner import GitRunner, Workplace
from catalog_app.verification.errors import (
    Cancelled,
    EmptyRepository,
    FetchFailed,
    FetchTimedOut,
    HostRefused,
    MirrorTooLarge,
    RepositoryNotFound,
)
from catalog_app.verification.mirror import HEAD_REF, Mirror, MirrorRules, mirror_name
from catalog_app.verification.places import FetchPlace, PlaceRules, Transport, check_place
from catalog_app.verification.watching import Watch
from tests.support.repos import GitRepo, make_repo
from tests.support.upstreams import Upstreams

BIG = os.urandom(3 << 20)

pytestmark = pytest.mark.integration


def refs_of(mirror: Mirror) -> dict[str, str]:
    return GitRepo(mirror.folder, is_bare=True).refs()


def test_a_place_without_a_repository_is_not_found(upstreams: Upstreams) -> None:
    (upstreams.root / "folder").mkdir()
    for name in ("folder", "nothing"):
        with pytest.raises(RepositoryNotFound):
            upstreams.mirror(upstreams.root / name).fetch()


def test_an_empty_repository_says_so(upstreams: Upstreams) -> None:
    repo = GitRepo(upstreams.root / "empty")
    repo.path.mkdir()
    repo.git("init", "--quiet", "--initial-branch=main")
    with pytest.raises(EmptyRepository):
        upstreams.mirror(repo).fetch()


def test_a_remote_that_lost_an_object_is_named_without_what_every_fetch_says(upstreams: Upstreams) -> None:
    repo = upstreams.make({"a": "lost\n"}, is_partial=False)
    blob = repo.rev("HEAD:a")
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(FetchFailed) as caught:
        upstreams.mirror(repo).fetch()

    assert blob in str(caught.value)
    assert "Enumerating" not in str(caught.value)
    assert "filtering not recognized" not in str(caught.value)


def test_one_that_is_too_large_is_refused_and_leaves_nothing_of_it(upstreams: Upstreams) -> None:
    repo = upstreams.make({"big.bin": BIG}, is_partial=False)
    mirror = upstreams.mirror(repo, MirrorRules(max_bytes=1 << 20))
    with pytest.raises(MirrorTooLarge):
        mirror.fetch()
    assert not mirror.folder.exists()


def test_the_size_counts_what_arrives_only(upstreams: Upstreams) -> None:
    repo = upstreams.make({"big.bin": BIG, "LICENSE": "x"})
    upstreams.mirror(repo, MirrorRules(max_bytes=1 << 20)).fetch()


def test_time_is_limited(upstreams: Upstreams) -> None:
    with pytest.raises(FetchTimedOut):
        upstreams.mirror(upstreams.make(), MirrorRules(timeout_seconds=0.0)).fetch()


def test_a_cancelled_fetch_ends_and_leaves_no_git_behind(upstreams: Upstreams) -> None:
    mirror = upstreams.mirror(upstreams.make())
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(Cancelled):
        mirror.fetch(Watch(is_cancelled=lambda: True))
    assert set(psutil.Process().children(recursive=True)) <= before
    assert mirror.fetch().default_branch == "main"


def test_who_waits_for_another_fetch_can_be_cancelled(upstreams: Upstreams) -> None:
    mirror = upstreams.mirror(upstreams.make())

    def fetch_again(percent: int) -> None:
        with pytest.raises(Cancelled):
            mirror.fetch(Watch(is_cancelled=lambda: True))

    mirror.fetch(Watch(on_progress=fetch_again))


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], ["127.0.0.1"], ["::1"], ["140.82.112.3", "192.168.1.1"], []]
)
def test_an_unnamed_host_that_leads_inside_is_refused(upstreams: Upstreams, addresses: list[str]) -> None:
    place = check_place("https://rebinding.dev/a/b", PlaceRules(hosts=frozenset({"*"})))
    mirror = Mirror(upstreams.mirrors, place, upstreams.runner, resolve=lambda _: addresses)
    with pytest.raises(HostRefused):
        mirror.fetch()


def test_the_addresses_that_were_looked_at_are_the_ones_that_git_uses(upstreams: Upstreams) -> None:
    place = check_place("https://anything.dev/a/b", PlaceRules(hosts=frozenset({"*"})))
    asked: list[Path] = []

    class Listening(GitRunner):
        def start(self, place: Workplace, args: object) -> "subprocess.Popen[bytes]":
            if args[0] == "ls-remote":  # type: ignore[index] # a sequence of words
                asked.append(place.git_dir)
                config = (place.git_dir / "config").read_text()
                assert 'curloptResolve = "anything.dev:443:140.82.112.3,[2606:50c0:8000::153]"' in config
                raise FetchFailed("far enough")
            return super().start(place, args)  # type: ignore[arg-type] # as it came

    mirror = Mirror(
        upstreams.mirrors, place, Listening(), resolve=lambda _: ["140.82.112.3", "2606:50c0:8000::153"]
    )
    with pytest.raises(FetchFailed, match="far enough"):
        mirror.fetch()
    assert asked


def test_an_unknown_host_is_unreachable_for_now(upstreams: Upstreams) -> None:
    def resolve(host: str) -> list[str]:
        raise OSError

    place = check_place("https://nowhere.dev/a/b", PlaceRules(hosts=frozenset({"*"})))
    with pytest.raises(FetchFailed) as caught:
        Mirror(upstreams.mirrors, place, upstreams.runner, resolve=resolve).fetch()
    assert caught.value.is_transient


def test_an_address_can_add_nothing_to_the_configuration(upstreams: Upstreams) -> None:
    mirror = upstreams.mirror(upstreams.make())
    mirror.fetch()
    hostile = 'https://github.com/a"\n[core]\n\tsshCommand = touch /tmp/x\n'
    forged = Mirror(
        upstreams.mirrors, FetchPlace(Transport.FILE, hostile, mirror.place.key), upstreams.runner
    )
    with pytest.raises(FetchFailed):
        forged.fetch()
    mirror.fetch()
    config = GitRepo(mirror.folder, is_bare=True)
    assert "touch" not in config.line("config", "core.sshCommand")


def test_no_hook_and_no_configuration_of_the_remote_comes_along(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    trap = upstreams.root / "trap"
    for name in ("post-checkout", "reference-transaction", "post-update"):
        hook = repo.git_dir / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {trap}\n")
        hook.chmod(0o755)
    repo.git("config", "uploadpack.packObjectsHook", f"touch {trap}; git pack-objects")
    mirror = upstreams.mirror(repo)
    mirror.fetch()
    assert not trap.exists()
    assert not (mirror.folder / "hooks").exists()


def test_reading_talks_to_nobody(upstreams: Upstreams) -> None:
    repo = upstreams.make({"README.md": "# Shop\n"})
    mirror = upstreams.mirror(repo)
    mirror.fetch()
    with pytest.raises(GitCommandFailed, match="could not fetch"):
        mirror.runner.run(mirror.local, ["cat-file", "blob", repo.rev("HEAD:README.md")])


@pytest.mark.parametrize("is_partial", [True, False])
def test_every_branch_and_tag_and_the_head_arrive(upstreams: Upstreams, is_partial: bool) -> None:
    repo = upstreams.make(is_partial=is_partial)
    repo.commit_on("feature/x")
    repo.git("tag", "--annotate", "--message", "One", "v1.0")
    seen: list[int] = []
    mirror = upstreams.mirror(repo)
    upstream = mirror.fetch(Watch(on_progress=seen.append))
    assert (upstream.head_commit, upstream.default_branch) == (repo.head(), "main")
    expected = repo.refs()
    assert refs_of(mirror) == {**expected, HEAD_REF: repo.head()}
    assert seen == sorted(seen)
    assert seen[-1] == 100


def test_a_fetch_follows_what_was_moved_and_deleted(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    repo.commit_on("topic")
    repo.git("tag", "v1")
    mirror = upstreams.mirror(repo)
    mirror.fetch()
    repo.git("branch", "--delete", "--force", "topic")
    repo.git("commit", "--amend", "--quiet", "--message", "Rewritten")
    repo.git("tag", "--force", "v1")
    repo.git("branch", "topic/below")
    repo.git("branch", "--move", "main", "trunk")
    assert mirror.fetch().default_branch == "trunk"
    assert refs_of(mirror) == {**repo.refs(), HEAD_REF: repo.head()}


def test_a_head_on_no_branch_and_one_on_a_branch_that_does_not_exist(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    mirror = upstreams.mirror(repo)
    repo.git("checkout", "--quiet", "--detach")
    detached = repo.commit("On no branch")
    upstream = mirror.fetch()
    assert (upstream.head_commit, upstream.default_branch) == (detached, "")
    repo.git("symbolic-ref", "HEAD", "refs/heads/unborn")
    upstream = mirror.fetch()
    assert (upstream.head_commit, upstream.default_branch) == ("", "")


def test_branches_named_like_options_are_branches(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    for name in ("--upload-pack=touch", "-x", "HEAD"):
        repo.git("update-ref", f"refs/heads/{name}", repo.head())
    repo.git("symbolic-ref", "HEAD", "refs/heads/-x")
    mirror = upstreams.mirror(repo)
    assert mirror.fetch().default_branch == "-x"
    assert "refs/heads/--upload-pack=touch" in refs_of(mirror)


def test_a_bundle_and_a_sha256_repository_can_be_fetched(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    bundle = upstreams.root / "shop.bundle"
    repo.git("bundle", "create", "--quiet", str(bundle), "--all")
    assert upstreams.mirror(bundle).fetch().head_commit == repo.head()
    modern = make_repo(upstreams.root / "modern", object_format="sha256")
    assert upstreams.mirror(modern).fetch().head_commit == modern.head()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_repository_of_another_user_can_be_fetched(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    head = repo.head()
    for path in [repo.path, *repo.path.rglob("*")]:
        os.chown(path, 65534, 65534)
    assert upstreams.mirror(repo).fetch().head_commit == head


def test_a_repository_that_was_replaced_by_one_of_another_format_is_mirrored_anew(
    upstreams: Upstreams,
) -> None:
    repo = upstreams.make()
    mirror = upstreams.mirror(repo)
    mirror.fetch()
    repo.path.rename(upstreams.root / "old")
    replaced = make_repo(repo.path, object_format="sha256")
    assert mirror.fetch().head_commit == replaced.head()


def test_what_a_dead_git_left_behind_is_cleared(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    mirror = upstreams.mirror(repo)
    mirror.fetch()
    repo.commit("More")
    leftovers = [
        mirror.folder / name
        for name in (
            "HEAD.lock",
            "packed-refs.lock",
            "config.lock",
            "shallow.lock",
            "refs/heads/main.lock",
            "objects/pack/tmp_pack_a",
            "objects/pack/pack-1.keep",
        )
    ]
    for leftover in leftovers:
        leftover.touch()
    assert mirror.fetch().head_commit == repo.head()
    assert not [leftover for leftover in leftovers if leftover.exists()]


@pytest.mark.parametrize(
    "damage",
    [
        lambda mirror: [path.unlink() for path in mirror.folder.glob("objects/pack/*.pack")],
        lambda mirror: [_truncate(path) for path in mirror.folder.glob("objects/pack/*.pack")],
        lambda mirror: (mirror.folder / "HEAD").write_bytes(b""),
        lambda mirror: (mirror.folder / "config").write_text("[core"),
        lambda mirror: (mirror.folder / "objects").rename(mirror.folder / "gone"),
    ],
    ids=["pack gone", "pack cut", "HEAD empty", "config cut", "objects gone"],
)
def test_a_damaged_mirror_is_made_anew(upstreams: Upstreams, damage: Callable[[Mirror], None]) -> None:
    repo = upstreams.make(is_partial=False)
    mirror = upstreams.mirror(repo)
    mirror.fetch()
    damage(mirror)
    assert mirror.fetch().head_commit == repo.head()
    GitRepo(mirror.folder, is_bare=True).fsck()


def _truncate(path: Path) -> int:
    path.chmod(0o600)
    return path.write_bytes(path.read_bytes()[:40])


def test_many_fetches_are_packed_into_one(upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog_app.verification.mirror._MOST_PACKS", 2)
    repo = upstreams.make()
    mirror = upstreams.mirror(repo)
    for number in range(4):
        repo.commit(files={"n": str(number)})
        mirror.fetch()
    assert len(list(mirror.folder.glob("objects/pack/*.pack"))) <= 3


def test_places_have_mirrors_of_their_own(upstreams: Upstreams) -> None:
    names = {
        mirror_name(key)
        for key in ("github.com/a/b", "github.com/a-b", "file:/a/b", "github.com/" + "x" * 300)
    }
    assert len(names) == 4
    assert all(len(name) < 100 for name in names)


@pytest.mark.slow
def test_kill_9_of_the_fetching_git_and_of_its_worker_loses_nothing(upstreams: Upstreams) -> None:
    repo = upstreams.make({f"{n}.bin": os.urandom(1 << 20) for n in range(6)}, is_partial=False)
    mirror = upstreams.mirror(repo)
    worker = subprocess.Popen(
        [sys.executable, "-c", _FETCHING, str(repo.path), str(upstreams.root), str(upstreams.mirrors)],
        stdout=subprocess.PIPE,
    )
    try:
        assert worker.stdout
        assert worker.stdout.readline() == b"receiving\n"
        gits = [p for p in psutil.Process(worker.pid).children() if p.name() == "git"]
        os.kill(worker.pid, signal.SIGSTOP)
        for git in gits:
            git.suspend()
        os.kill(worker.pid, signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()
        assert worker.stdout
        worker.stdout.close()
    assert gits
    assert all(git.is_running() for git in gits)
    assert mirror.fetch().head_commit == repo.head()
    assert not [git for git in gits if git.is_running() and git.status() != psutil.STATUS_ZOMBIE]
    assert not list(mirror.folder.rglob("tmp_*"))
    GitRepo(mirror.folder, is_bare=True).fsck()


@pytest.mark.slow
def test_kill_9_of_git_alone_is_a_failure_to_try_again(upstreams: Upstreams) -> None:
    repo = upstreams.make({f"{n}.bin": os.urandom(1 << 20) for n in range(6)}, is_partial=False)
    mirror = upstreams.mirror(repo)
    others = set(psutil.Process().children())

    def kill(percent: int) -> None:
        if percent > 10:
            for child in set(psutil.Process().children()) - others:
                child.kill()

    with pytest.raises(FetchFailed) as caught:
        mirror.fetch(Watch(on_progress=kill))
    assert caught.value.is_transient
    assert mirror.fetch().head_commit == repo.head()


_FETCHING = """
import sys
from pathlib import Path
from autopack.git.runner import GitRunner
from catalog_app.verification.mirror import Mirror
from catalog_app.verification.places import PlaceRules, check_place
from catalog_app.verification.watching import Watch

repo, root, mirrors = sys.argv[1:]
place = check_place(repo, PlaceRules(roots=(Path(root),)))

def say(percent):
    if percent > 10:
        print("receiving", flush=True)
        sys.stdin.read()

Mirror(Path(mirrors), place, GitRunner()).fetch(Watch(on_progress=say))
"""
