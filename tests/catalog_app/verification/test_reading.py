"""Reading a mirror: hostile names first, then what a scan asks."""

import pytest

from catalog_app.verification.errors import FetchFailed, UnknownRevision
from catalog_app.verification.reading import EntryKind, MirrorReader
from tests.support.repos import EPOCH
from tests.support.upstreams import Upstreams

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "revision",
    [
        "",
        "--output=/tmp/x",
        "no-such-branch",
        "main~1",
        "main^{tree}",
        "main:README.md",
        ":/First",
        "main..main",
        "HEAD@{1}",
        "a\nb",
        "*",
        "0" * 40,
        "0000000",
        "x" * 256,
    ],
)
def test_what_names_no_commit_is_refused(upstreams: Upstreams, revision: str) -> None:
    with pytest.raises(UnknownRevision):
        upstreams.read(upstreams.make()).resolve(revision)


def test_tags_of_trees_and_files_are_no_revisions(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    repo.git("tag", "a-tree", "HEAD^{tree}")
    repo.git("tag", "a-file", "HEAD:README.md")
    reader = upstreams.read(repo)
    for name in ("a-tree", "a-file", repo.rev("HEAD:README.md")):
        with pytest.raises(UnknownRevision):
            reader.resolve(name)


def test_branches_tags_and_ids_are_revisions(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    first = repo.head()
    repo.git("tag", "--annotate", "--message", "Inner", "inner")
    repo.git("tag", "--annotate", "--message", "Tag of a tag", "outer", "inner")
    second = repo.commit("Second")
    repo.git("branch", "feature/x", first)
    repo.git("update-ref", "refs/heads/--upload-pack=x", first)
    reader = upstreams.read(repo)
    for name in ("outer", "feature/x", "--upload-pack=x", "refs/tags/inner", first, first[:8]):
        assert reader.resolve(name) == first
    for name in ("HEAD", "main", second):
        assert reader.resolve(name) == second


def test_a_commit_that_no_branch_leads_to_is_asked_of_the_remote(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    pinned = repo.head()
    repo.git("commit", "--amend", "--quiet", "--message", "Rewritten")
    assert upstreams.read(repo).resolve(pinned) == pinned


def test_a_remote_that_is_gone_is_not_mistaken_for_a_commit_that_is(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    reader = upstreams.read(repo)
    repo.path.rename(upstreams.root / "gone")
    with pytest.raises(FetchFailed):
        reader.resolve("1" * 40)


def test_a_bundle_has_what_it_has(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    bundle = upstreams.root / "shop.bundle"
    repo.git("bundle", "create", "--quiet", str(bundle), "--all")
    mirror = upstreams.mirror(bundle)
    mirror.fetch()
    reader = MirrorReader(mirror)
    assert reader.resolve("HEAD") == repo.head()
    with pytest.raises(UnknownRevision):
        reader.resolve("1" * 40)


@pytest.mark.parametrize("is_partial", [True, False])
def test_files_are_read_up_to_a_size(upstreams: Upstreams, is_partial: bool) -> None:
    repo = upstreams.make(
        {"empty": b"", "text": "hello\n", "binary": b"\0\xff\n", "big": "x" * 5000}, is_partial=is_partial
    )
    reader = upstreams.read(repo)
    ids = {path: entry.object_id for path, entry in reader.tree(repo.head()).entries.items()}
    sizes = reader.known_sizes(repo.head(), ids.values())
    assert sizes == (
        None if is_partial else {ids["empty"]: 0, ids["text"]: 6, ids["binary"]: 3, ids["big"]: 5000}
    )
    blobs = reader.blobs(repo.head(), ids.values(), max_bytes=100)
    found = {path: (blobs[object_id].size_bytes, blobs[object_id].content) for path, object_id in ids.items()}
    assert found == {
        "empty": (0, b""),
        "text": (6, b"hello\n"),
        "binary": (3, b"\0\xff\n"),
        "big": (5000, None),
    }
    assert reader.known_sizes(repo.head(), ids.values()) is not None
    assert reader.blobs(repo.head(), [], max_bytes=1) == {}


def test_trees_hold_names_of_every_kind(upstreams: Upstreams) -> None:
    repo = upstreams.make({"a/b/c.txt": "c", "line\nbreak/ tab\t.txt": "x"})
    (repo.path / "link").symlink_to("/etc/passwd")
    (repo.path / "caf\udce9").write_text("latin-1")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head()},vendored/module")
    repo.git("add", "link", "caf\udce9")
    repo.git("commit", "--quiet", "--message", "Odd names")
    tree = upstreams.read(repo).tree(repo.head())
    assert {path: entry.kind for path, entry in tree.entries.items()} == {
        "a/b/c.txt": EntryKind.FILE,
        "line\nbreak/ tab\t.txt": EntryKind.FILE,
        "link": EntryKind.SYMLINK,
        "caf\udce9": EntryKind.FILE,
        "vendored/module": EntryKind.SUBMODULE,
    }
    assert tree.folders == {"", "a", "a/b", "line\nbreak", "vendored"}
    assert tree.below("a") == ["a/b/c.txt"]
    assert tree.below("a/b/c.txt") == ["a/b/c.txt"]
    assert tree.below("a/b/c") == []


def test_dates_and_authors_are_of_the_path(upstreams: Upstreams) -> None:
    repo = upstreams.make({"src/a.py": "1", "docs/a.md": "1"})
    first = repo.head()
    for name, path in (("Grace@Example.org", "src/a.py"), ("dependabot[bot]@users.noreply.github.com", "x")):
        repo.write({path: "2"})
        repo.git("add", "--all")
        env = {"GIT_AUTHOR_EMAIL": name, "GIT_COMMITTER_DATE": "2026-02-01T00:00:00Z"}
        repo.git("commit", "--quiet", "--message", "More", env=env)
    reader = upstreams.read(repo)
    assert reader.author_count(repo.head()) == 2
    assert reader.author_count(repo.head(), "docs") == 1
    assert reader.author_count(first) == 1
    assert reader.committed_at(repo.head(), "docs/a.md") == int(EPOCH.timestamp())
    assert reader.committed_at(repo.head()) == 1769904000
    assert reader.committed_at(repo.head(), "nothing") is None


def test_tags_come_oldest_first_and_broken_ones_are_not_measured(upstreams: Upstreams) -> None:
    repo = upstreams.make()
    repo.git("tag", "v1.0")
    repo.commit("More")
    repo.git("tag", "v1.1")
    reader = upstreams.read(repo)
    tags = reader.tags()
    assert tags is not None
    assert [tag.name for tag in tags] == ["v1.0", "v1.1"]
    assert tags[0].created_at == int(EPOCH.timestamp())
    (reader.mirror.folder / "refs/tags/gone").write_text("1" * 40)
    assert reader.tags() is None
