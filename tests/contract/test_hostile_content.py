"""Content that is made to look like git's own formats: taken for what it is, or refused."""

import base64
import hashlib
import zlib
from pathlib import Path

import pytest

from runs_app.gitops.errors import PatchRefused
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import PathPolicy, RefusalCode
from tests.support.governed import STRICT, Run, added_file
from tests.support.repos import make_repo

NOTHING = "0" * 40


def refusal_codes(run: Run, patch: bytes, policy: PathPolicy = STRICT) -> set[RefusalCode]:
    objects, refs = run.repo.objects(), run.repo.refs()
    with pytest.raises(PatchRefused) as caught:
        run.adapter.create_candidate(run.request(patch, policy=policy))
    assert (run.repo.objects(), run.repo.refs()) == (objects, refs)
    return {refusal.code for refusal in caught.value.refusals}


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def encoded(packed: bytes) -> bytes:
    lines = []
    for at in range(0, len(packed), 52):
        part = packed[at : at + 52]
        length = ord("A") + len(part) - 1 if len(part) <= 26 else ord("a") + len(part) - 27
        lines.append(bytes([length]) + base64.b85encode(part + bytes(-len(part) % 4)) + b"\n")
    return b"".join(lines) + b"\n"


def literal(path: str, old: str, new: str, content: bytes) -> bytes:
    """A binary change that says it makes `new`, whatever its content is."""
    mode, last = ("new file mode 100644\n", "") if old == NOTHING else ("", " 100644")
    header = f"diff --git a/{path} b/{path}\n{mode}index {old}..{new}{last}\nGIT binary patch\n"
    return header.encode() + b"literal %d\n" % len(content) + encoded(zlib.compress(content))


@pytest.fixture
def secret(adapter: GitAdapter, tmp_path: Path) -> Run:
    """A repository with contents that a patch may name but does not hold."""
    repo = make_repo(tmp_path / "secret", {"secret": b"TOP\0SECRET\n", "open": b"\0open\n", "text": "1\n"})
    repo.git("branch", "other")
    return Run(adapter, repo)


@pytest.mark.parametrize("revision", ["main:secret", "main", "main^{tree}", "main:open"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_binary_change_is_its_bytes_and_never_an_object_that_it_names(
    secret: Run, revision: str, is_packed: bool
) -> None:
    if is_packed:
        secret.repo.git("gc", "--quiet")
    named, old = secret.repo.rev(revision), secret.repo.rev("main:open")
    refused = {RefusalCode.PATCH_DOES_NOT_APPLY}
    assert refusal_codes(secret, literal("new", NOTHING, named, b"harmless")) == refused
    if revision == "main:open":
        refused = {RefusalCode.PATCH_MALFORMED}
    assert refusal_codes(secret, literal("open", old, named, b"harmless")) == refused


def test_a_binary_change_cannot_name_the_content_of_another_touched_file(secret: Run) -> None:
    named = secret.repo.rev("main:secret")
    touch = b"diff --git a/secret b/secret\nold mode 100644\nnew mode 100755\n"
    for patch in (
        touch + literal("new", NOTHING, named, b"harmless"),
        literal("ne*[w", NOTHING, named, b"harmless") + touch,
    ):
        assert refusal_codes(secret, patch) == {RefusalCode.PATCH_DOES_NOT_APPLY}


@pytest.mark.parametrize("size", [9, 3000])
def test_binary_files_may_change_places(adapter: GitAdapter, tmp_path: Path, size: int) -> None:
    files = {"a[1]*": b"\0one" * size, "b\\": b"\0one" * size + b"two"}
    repo = make_repo(tmp_path / "swap", {**files, "c.txt": "c\n"})
    swapped = repo.commit("Swap", {"a[1]*": files["b\\"], "b\\": files["a[1]*"], "c.txt": "d\n"})
    patch = repo.patch("HEAD^", swapped, "--no-renames")
    repo.git("reset", "--quiet", "--hard", "HEAD^")
    assert Run(adapter, repo).candidate(patch).tree == repo.tree(swapped)


def test_a_binary_change_that_was_made_before_is_made_again(secret: Run) -> None:
    content = b"\0new content"
    patch = literal("new", NOTHING, blob_id(content), content)
    first = secret.candidate(patch)
    assert secret.candidate(patch) == first
    assert secret.candidate(patch, phase_id="p2").tree == first.tree
    assert secret.repo.git("show", f"{first.commit}:new") == content


def test_the_size_limit_holds_for_content_that_the_repository_has(secret: Run) -> None:
    patch = added_file("big.txt", "x" * 500)
    secret.repo.git("hash-object", "-w", "--stdin", stdin=b"x" * 500 + b"\n")
    policy = PathPolicy(max_file_bytes=400)
    assert refusal_codes(secret, patch, policy) == {RefusalCode.FILE_TOO_LARGE}


@pytest.mark.parametrize("line", [b"junk\n", b'new file mode"100644\n', b"", b"x\n\ny\n"])
def test_a_header_cut_short_before_a_plain_one_is_refused(secret: Run, line: bytes) -> None:
    patch = b"diff --git a/cp b/cp\n" + line + b"--- /dev/null\n+++ b/cp\n@@ -0,0 +1 @@\n+1\n"
    assert refusal_codes(secret, patch) == {RefusalCode.PATCH_MALFORMED}
    assert refusal_codes(secret, added_file("fine") + patch) == {RefusalCode.PATCH_MALFORMED}


def copied_file(source: str, target: str) -> bytes:
    return (
        f"diff --git a/{source} b/{target}\nsimilarity index 100%\ncopy from {source}\ncopy to {target}\n"
    ).encode()


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_sibling_whose_name_looks_like_a_record_is_left_alone(
    adapter: GitAdapter, tmp_path: Path, object_format: str, is_deleted: bool
) -> None:
    files = {"a": "same\n", "0 100644 a": "same\n"}
    repo = make_repo(tmp_path / "twins", files, object_format=object_format)
    edit = b"diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-same\n+changed\n"
    delete = b"diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n@@ -1 +0,0 @@\n-same\n"
    candidate = Run(adapter, repo).candidate(delete if is_deleted else edit)
    before, after = repo.listing("main"), repo.listing(candidate.commit)
    assert after.pop("0 100644 a") == before.pop("0 100644 a")
    assert (after == {}) if is_deleted else (after != before)
    repo.fsck()


@pytest.mark.parametrize(
    ("source", "twin", "addition"),
    [("LICENSE", "0 100644 LICENSE", "L"), (".ci/run", "! 40000 .ci/run", "+")],
)
def test_a_copy_cannot_prepare_the_ground_for_a_broken_tree(
    adapter: GitAdapter, tmp_path: Path, source: str, twin: str, addition: str
) -> None:
    repo = make_repo(tmp_path / "ground", {source: "content\n"})
    run = Run(adapter, repo)
    policy = PathPolicy(protected_paths=("/.ci/",))
    first = adapter.create_candidate(run.request(copied_file(source, twin), policy=policy))
    request = run.request(added_file(addition), policy=policy, parent=first.commit, phase_id="p2")
    second = adapter.create_candidate(request)
    assert set(repo.listing(second.commit)) == {source, twin, addition}
    assert repo.listing(second.commit)[source] == repo.listing("main")[source]
    repo.fsck()


def delta(path: str, old: str, source_size: int, result_size: int, packed_prefix: bytes = b"") -> bytes:
    """A delta of a few bytes that announces a result of any size."""

    def number(value: int) -> bytes:
        digits = []
        while value >= 0x80:
            digits.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*digits, value])

    content = number(source_size) + number(result_size) + b"\x80" * 50
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"\x78\x9c" + packed_prefix + raw.compress(content) + raw.flush()
    packed += zlib.adler32(content).to_bytes(4, "big")
    header = f"diff --git a/{path} b/{path}\nindex {old}..{'1' * 40} 100644\nGIT binary patch\n"
    return header.encode() + b"delta %d\n" % len(content) + encoded(packed)


@pytest.mark.parametrize("empty_blocks", [0, 12, 300, 2000])
def test_a_delta_that_makes_too_much_is_refused_before_it_is_unpacked(secret: Run, empty_blocks: int) -> None:
    old = secret.repo.rev("main:open")
    patch = delta("open", old, 6, 400 << 20, b"\0\0\0\xff\xff" * empty_blocks)
    hidden = empty_blocks > 1000
    code = RefusalCode.PATCH_MALFORMED if hidden else RefusalCode.FILE_TOO_LARGE
    assert code in refusal_codes(secret, patch)


def test_many_deltas_cannot_make_together_what_one_cannot(secret: Run) -> None:
    old = secret.repo.rev("main:open")
    patch = b"".join(delta(f"f{number}", old, 6, 19 << 20) for number in range(40))
    assert refusal_codes(secret, patch) == {RefusalCode.PATCH_TOO_LARGE}


EPOCH = "1970-01-01 00:00:00 +0000"


@pytest.mark.parametrize(
    ("old_time", "new_time", "hunk", "kind"),
    [
        (EPOCH, "2026-01-01 00:00:00 +0000", "@@ -0,0 +1 @@\n+1\n", "added"),
        ("1969-12-31 19:00:00.000 -0500", "", "@@ -0,0 +1 @@\n+1\n", "added"),
        ("", "", "@@ -0,0 +1 @@\n+1\n", "added"),
        ("2026-01-01 00:00:00 +0000", EPOCH, "@@ -1 +0,0 @@\n-1\n", "deleted"),
        ("1970-01-01 00:00:01 +0000", "1970-01-01 00:00:00", "@@ -1 +1 @@\n-1\n+2\n", "modified"),
    ],
)
def test_a_plain_diff_is_told_as_git_understands_it(
    secret: Run, old_time: str, new_time: str, hunk: str, kind: str
) -> None:
    path = "new" if kind == "added" else "text"
    times = [f"\t{time}" if time else "" for time in (old_time, new_time)]
    patch = f"--- a/{path}{times[0]}\n+++ b/{path}{times[1]}\n{hunk}".encode()
    candidate = secret.candidate(patch)
    assert [(file.path, file.kind) for file in candidate.files] == [(path, kind)]
    assert (path in secret.repo.listing(candidate.commit)) == (kind != "deleted")


@pytest.mark.parametrize("time", ["2010-07-05 19:41:17.620000023 -0500", "2010-07-05", "10-07-05 19:41:17"])
def test_a_time_without_a_tab_is_refused_by_name(secret: Run, time: str) -> None:
    patch = f"--- a/text {time}\n+++ b/text {time}\n@@ -1 +1 @@\n-1\n+2\n".encode()
    assert refusal_codes(secret, patch) == {RefusalCode.PATCH_MALFORMED}
