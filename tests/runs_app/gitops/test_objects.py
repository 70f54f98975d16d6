"""Objects and indexes in git's own formats: byte for byte what git would write."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runs_app.gitops.directories import DirectoryCache
from runs_app.gitops.indexfile import IndexUnreadable, decode_index, encode_index
from runs_app.gitops.objects import (
    EXECUTABLE_MODE,
    FILE_MODE,
    TREE_MODE,
    Directory,
    Entry,
    encode_object,
    loose_body,
    loose_size,
)
from runs_app.gitops.types import ObjectId
from tests.support.repos import GitRepo, make_repo

NAMES = st.binary(min_size=1, max_size=4).filter(
    lambda name: not {0, 0x2F} & set(name) and name not in (b".", b"..")
)
ENTRIES = st.builds(
    Entry,
    st.sampled_from([FILE_MODE, EXECUTABLE_MODE, TREE_MODE]),
    st.binary(min_size=20, max_size=20),
)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return make_repo(tmp_path / "repo")


@given(st.dictionaries(NAMES, ENTRIES, max_size=12), st.dictionaries(NAMES, st.none() | ENTRIES, max_size=6))
def test_an_edited_folder_is_the_folder_made_anew(
    before: dict[bytes, Entry], changes: dict[bytes, Entry | None]
) -> None:
    original = Directory(b"", []).edited(before)
    edited = original.edited(changes)
    wanted = {name: entry for name, entry in {**before, **changes}.items() if entry is not None}
    assert edited.body == Directory(b"", []).edited(wanted).body
    assert Directory.parse(edited.body, 20).body == edited.body
    for folder in (edited, Directory.parse(edited.body, 20)):
        assert {name: folder.find(name) for name in {**before, **changes}} == {
            name: wanted.get(name) for name in {**before, **changes}
        }


LOOKALIKES = st.sampled_from(
    [name for x in (b"x", b"a", b"+") for name in (x, b"0 100644 " + x, b"! 40000 " + x, b"0 100755 " + x)]
)
TWIN_ENTRIES = st.builds(
    Entry, st.sampled_from([FILE_MODE, EXECUTABLE_MODE, TREE_MODE]), st.sampled_from([b"1" * 20, b"a" * 20])
)


@settings(max_examples=500)
@given(
    st.dictionaries(LOOKALIKES, TWIN_ENTRIES, max_size=12),
    st.dictionaries(LOOKALIKES, st.none() | TWIN_ENTRIES, max_size=6),
)
def test_a_name_that_ends_like_another_record_is_only_a_name(
    before: dict[bytes, Entry], changes: dict[bytes, Entry | None]
) -> None:
    wanted = {name: entry for name, entry in {**before, **changes}.items() if entry is not None}
    records = sorted((n + b"/" * (e.mode == TREE_MODE), b"%o" % e.mode, n, e) for n, e in wanted.items())
    body = b"".join(b"%b %b\0%b" % (mode, name, entry.object_id) for _, mode, name, entry in records)
    assert Directory(b"", []).edited(before).edited(changes).body == body


@pytest.mark.parametrize("body", [b"100644 \0" + b"1" * 20, b"junk", b"100644 a\0" + b"1" * 19, b"\0" * 50])
def test_what_is_no_tree_is_not_read(body: bytes) -> None:
    with pytest.raises(ValueError, match="tree"):
        Directory.parse(body, 20)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.sets(NAMES, max_size=8), folders=st.sets(NAMES, max_size=8))
def test_folders_are_sorted_as_git_sorts_them(files: set[bytes], folders: set[bytes], repo: GitRepo) -> None:
    blob, tree = repo.rev("HEAD:README.md"), repo.tree()
    entries = {name: Entry(FILE_MODE, bytes.fromhex(blob)) for name in files}
    entries |= {name: Entry(TREE_MODE, bytes.fromhex(tree)) for name in folders}
    listing = b"".join(
        b"%06o %s %s\t%s\0"
        % (e.mode, b"tree" if e.mode == TREE_MODE else b"blob", e.object_id.hex().encode(), name)
        for name, e in entries.items()
    )
    made_by_git = repo.git("mktree", "-z", stdin=listing).decode().strip()
    assert encode_object("tree", Directory(b"", []).edited(entries).body, "sha1").object_id == made_by_git


def test_loose_objects_read_back() -> None:
    for size in (0, 10, 100_000):
        loose = encode_object("tree", b"x" * size, "sha256")
        assert loose_size(loose.content[:64]) == size
        assert loose_body(loose.content) == b"x" * size


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_an_index_reads_back_and_git_agrees(tmp_path: Path, object_format: str) -> None:
    repo = make_repo(tmp_path / object_format, object_format=object_format)
    blob = bytes.fromhex(repo.rev("HEAD:README.md"))
    entries = {b"x" * n: Entry(FILE_MODE, blob) for n in (*range(1, 20), 200)} | {
        b"z/\xc3\xa4": Entry(EXECUTABLE_MODE, blob)
    }
    content = encode_index(entries, object_format)
    assert decode_index(content, object_format) == entries
    index = tmp_path / "index"
    index.write_bytes(content)
    listing = repo.git("ls-files", "-s", "-z", env={"GIT_INDEX_FILE": str(index)})
    assert listing.count(b"\0") == len(entries)
    repo.git(
        "update-index", "--add", "--cacheinfo", f"100644,{blob.hex()},new", env={"GIT_INDEX_FILE": str(index)}
    )
    assert set(decode_index(index.read_bytes(), object_format)) == {*entries, b"new"}


@pytest.mark.parametrize("content", [b"", b"DIRC", b"DIRC\0\0\0\x04" + bytes(60), b"X" * 80])
def test_what_is_no_index_is_not_read(content: bytes) -> None:
    with pytest.raises(IndexUnreadable):
        decode_index(content, "sha1")


def test_the_cache_forgets_the_oldest_and_keeps_repositories_apart() -> None:
    asked: list[tuple[str, ...]] = []

    def read(tree_ids: "list[ObjectId] | tuple[ObjectId, ...]") -> dict[ObjectId, Directory]:
        asked.append(tuple(tree_ids))
        return {tree_id: Directory(b"x" * 40, []) for tree_id in tree_ids}

    cache = DirectoryCache(limit_bytes=100)
    one, two, three = ObjectId("1"), ObjectId("2"), ObjectId("3")
    cache.get_or_read("r", [one, two, one], lambda ids: read(list(ids)))
    cache.get_or_read("r", [one], lambda ids: read(list(ids)))
    cache.get_or_read("r", [three], lambda ids: read(list(ids)))
    cache.get_or_read("r", [one, two], lambda ids: read(list(ids)))
    cache.get_or_read("other", [one], lambda ids: read(list(ids)))
    assert asked == [("1", "2"), ("3",), ("2",), ("1",)]
