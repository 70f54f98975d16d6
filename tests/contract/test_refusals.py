"""Hostile and broken patches: refused with code, path and line, and without a trace in the repository."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from runs_app.gitops.errors import PatchRefused
from runs_app.gitops.protocols import GitAdapter
from runs_app.gitops.types import PathPolicy, Refusal, RefusalCode
from tests.support.governed import RELAXED, STRICT, Run, added_file, added_link
from tests.support.repos import GitRepo, fingerprint, make_repo


def refuse(run: Run, patch: bytes, policy: PathPolicy = STRICT) -> tuple[Refusal, ...]:
    """The refusals of a patch that must be refused and leave nothing behind."""
    (refusals,) = refuse_each(run, [patch], policy)
    return refusals


def refuse_each(run: Run, patches: Sequence[bytes], policy: PathPolicy = STRICT) -> list[tuple[Refusal, ...]]:
    """The refusals of each of some patches, that together must leave nothing behind."""
    objects, refs, user = run.repo.objects(), run.repo.refs(), fingerprint(run.repo)
    found = []
    for patch in patches:
        with pytest.raises(PatchRefused) as caught:
            run.adapter.create_candidate(run.request(patch, policy=policy))
        with pytest.raises(PatchRefused):
            run.adapter.apply_patch(run.request(patch, policy=policy))
        found.append(caught.value.refusals)
    assert run.repo.objects() == objects
    assert run.repo.refs() == refs
    assert fingerprint(run.repo) == user
    assert not list((run.repo.git_dir / "objects").glob("tmp_*"))
    return found


def codes(refusals: tuple[Refusal, ...]) -> set[RefusalCode]:
    return {refusal.code for refusal in refusals}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/etc/passwd", RefusalCode.PATH_ABSOLUTE),
        ("C:/Windows/x", RefusalCode.PATH_ABSOLUTE),
        ("C:\\\\Windows\\\\x", RefusalCode.PATH_ABSOLUTE),
        ("../outside.txt", RefusalCode.PATH_ESCAPES),
        ("src/../../outside.txt", RefusalCode.PATH_ESCAPES),
        ("src/..\\\\..\\\\outside.txt", RefusalCode.PATH_ESCAPES),
        (".git/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".git", RefusalCode.PATH_IS_GIT_INTERNAL),
        ("src/.git/hooks/post-checkout", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".GIT/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".gIt/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        ("git~1/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        ("GIT~2/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".git /config", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".git./config", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".git . ./config", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".git::$INDEX_ALLOCATION/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        ("src\\\\.git\\\\config", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".g\u200cit/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        (".git\ufeff/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        ("\u202e.git/config", RefusalCode.PATH_IS_GIT_INTERNAL),
        ("a\\tb.txt", RefusalCode.PATH_CONTROL_CHARACTERS),
        ("a\\nb.txt", RefusalCode.PATH_CONTROL_CHARACTERS),
        ("a\\033[2Jb.txt", RefusalCode.PATH_CONTROL_CHARACTERS),
        ("a\\177b.txt", RefusalCode.PATH_CONTROL_CHARACTERS),
        ("a\u0085b.txt", RefusalCode.PATH_CONTROL_CHARACTERS),
        ("\u202etxt.exe", RefusalCode.PATH_CONTROL_CHARACTERS),
        ("docs/\u2067x\u2069.md", RefusalCode.PATH_CONTROL_CHARACTERS),
        ("d/" * 200 + "x", RefusalCode.PATCH_MALFORMED),
        ("caf\\351.txt", RefusalCode.PATH_NOT_UTF8),
        ("src//double.txt", RefusalCode.PATCH_MALFORMED),
        ("src/./dot.txt", RefusalCode.PATCH_MALFORMED),
        ("x" * 300, RefusalCode.PATCH_MALFORMED),
    ],
)
def test_a_dangerous_name_is_refused_in_every_part_of_a_header(
    run: Run, path: str, code: RefusalCode
) -> None:
    names = f'--- /dev/null\n+++ "b/{path}"\n@@ -0,0 +1 @@\n+x\n'
    quoted = f'diff --git "a/{path}" "b/{path}"\nnew file mode 100644\n{names}'
    renamed = f'diff --git a/README.md "b/{path}"\nrename from README.md\nrename to "{path}"\n'
    copied = renamed.replace("rename", "copy")
    deleted = f'diff --git "a/{path}" "b/{path}"\ndeleted file mode 100644\n'
    patches = [patch.encode() for patch in (quoted, renamed, copied, names, deleted)]
    for patch, refusals in zip(patches, refuse_each(run, patches), strict=True):
        assert code in codes(refusals), patch
        assert {refusal.line for refusal in refusals} == {1}
        assert all(refusal.path for refusal in refusals)


def test_a_path_through_a_symlink_is_refused(adapter: GitAdapter, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "links", {"real/a.txt": "a\n"})
    (repo.path / "link").symlink_to("real")
    (repo.path / "out").symlink_to("/tmp")
    repo.commit("Add links")
    run = Run(adapter, repo).start()
    for path in ("link/new.txt", "link/a.txt", "out/new.txt", "link/deep/er.txt"):
        (refusal,) = refuse(run, added_file(path), RELAXED)
        assert (refusal.code, refusal.path, refusal.line) == (RefusalCode.PATH_THROUGH_SYMLINK, path, 1)


def test_a_link_and_a_file_behind_it_in_one_patch_are_refused(run: Run) -> None:
    for patch in (
        added_link("door", "src") + added_file("door/x.py"),
        added_file("door/x.py") + added_link("door", "src"),
    ):
        assert codes(refuse(run, patch, RELAXED)) <= {
            RefusalCode.PATH_THROUGH_SYMLINK,
            RefusalCode.PATH_CLASH,
            RefusalCode.PATCH_DOES_NOT_APPLY,
        }


@pytest.mark.parametrize("path", ["README.md/x.txt", "src", "src/lib", "src/lib/util.py/deep/er.py"])
def test_a_file_cannot_take_the_place_of_a_folder_nor_a_folder_of_a_file(run: Run, path: str) -> None:
    assert codes(refuse(run, added_file(path))) == {RefusalCode.PATH_CLASH}


def test_symlinks_are_refused_unless_the_policy_allows_them(run: Run) -> None:
    (refusal,) = refuse(run, added_link("link", "README.md"))
    assert (refusal.code, refusal.path, refusal.line) == (RefusalCode.SYMLINK_NOT_ALLOWED, "link", 1)


@pytest.mark.parametrize(
    "target",
    [
        "/etc/passwd",
        "..",
        "../x",
        "../../x",
        "sub/../../x",
        "lib/../../../x",
        ".git/config",
        "../.GIT/hooks",
        "C:/Windows",
        "..\\\\..\\\\x",
        "\\\\\\\\host\\\\share",
    ],
)
def test_a_symlink_out_of_the_tree_is_refused_even_if_links_are_allowed(run: Run, target: str) -> None:
    shallow = refuse(run, added_link("link", target.replace("\\\\", "\\")), RELAXED)
    assert codes(shallow) == {RefusalCode.SYMLINK_ESCAPES}
    if not target.startswith(".."):
        deep = refuse(run, added_link("src/link", target.replace("\\\\", "\\")), RELAXED)
        assert codes(deep) == {RefusalCode.SYMLINK_ESCAPES}


def test_a_changed_symlink_is_held_to_the_same_rules(adapter: GitAdapter, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "links", {"a.txt": "a\n"})
    (repo.path / "link").symlink_to("a.txt")
    repo.commit("Add a link")
    run = Run(adapter, repo).start()
    patch = (
        b"diff --git a/link b/link\n--- a/link\n+++ b/link\n@@ -1 +1 @@\n-a.txt\n"
        b"\\ No newline at end of file\n+../outside\n\\ No newline at end of file\n"
    )
    assert codes(refuse(run, patch)) & {RefusalCode.SYMLINK_NOT_ALLOWED, RefusalCode.PATCH_DOES_NOT_APPLY}
    with_mode = patch.replace(b"--- a/link", b"index 1234567..2345678 120000\n--- a/link")
    assert codes(refuse(run, with_mode)) == {RefusalCode.SYMLINK_NOT_ALLOWED}
    assert codes(refuse(run, with_mode, RELAXED)) == {RefusalCode.SYMLINK_ESCAPES}


@pytest.mark.parametrize("name", [".gitmodules", ".gitattributes", "src/.gitignore", ".GitModules"])
def test_files_that_git_reads_are_never_links(run: Run, name: str) -> None:
    assert RefusalCode.SYMLINK_NOT_ALLOWED in codes(refuse(run, added_link(name, "README.md"), RELAXED))


def test_submodules_are_refused_in_every_form(run: Run) -> None:
    commit = "1" * 40
    added = (
        "diff --git a/sub b/sub\nnew file mode 160000\nindex 0000000..1111111\n--- /dev/null\n+++ b/sub\n"
        f"@@ -0,0 +1 @@\n+Subproject commit {commit}\n"
    ).encode()
    (refusal,) = refuse(run, added)
    assert (refusal.code, refusal.path, refusal.line) == (RefusalCode.SUBMODULE_NOT_ALLOWED, "sub", 1)


@pytest.mark.parametrize(
    "name", [".gitmodules", ".GitModules", "GITMOD~1", "gi7eba~1", "gi7eb~12", ".gitmodules::$DATA"]
)
def test_the_list_of_submodules_is_refused_by_all_its_names(run: Run, name: str) -> None:
    modules = '[submodule "sub"]\n\tpath = sub\n\turl = ../x\n'
    assert codes(refuse(run, added_file(name, modules))) == {RefusalCode.SUBMODULE_NOT_ALLOWED}


def test_a_submodule_cannot_be_deleted_by_a_diff_that_hides_what_it_is(
    adapter: GitAdapter, tmp_path: Path
) -> None:
    repo = make_repo(tmp_path / "super")
    commit = "1" * 40
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},sub")
    repo.git("commit", "--quiet", "--message", "Add a submodule")
    run = Run(adapter, repo).start()
    hunk = f"@@ -1 +0,0 @@\n-Subproject commit {commit}\n"
    for header in (
        "--- a/sub\n+++ /dev/null\n",
        "--- a/sub\n+++ b/sub\t1970-01-01 00:00:00 +0000\n",
        "diff --git a/sub b/sub\ndeleted file mode 100644\n--- a/sub\n+++ /dev/null\n",
    ):
        refusals = refuse(run, (header + hunk).encode())
        assert codes(refusals) & {RefusalCode.SUBMODULE_NOT_ALLOWED, RefusalCode.PATCH_DOES_NOT_APPLY}
    assert RefusalCode.SUBMODULE_NOT_ALLOWED in codes(
        refuse(run, ("--- a/sub\n+++ /dev/null\n" + hunk).encode())
    )


@pytest.mark.parametrize(
    "path",
    [
        ".github./workflows/x",
        ".github /workflows/x",
        ".git\u200chub/workflows/x",
        ".github\\workflows\\x",
        "Makefile.",
        "Makefile::$DATA",
        "Make\u200cfile",
        "Make\ufb01le",
    ],
)
def test_a_protected_path_is_protected_in_every_spelling(run: Run, path: str) -> None:
    policy = PathPolicy(protected_paths=("/.github/workflows/", "Makefile"))
    assert RefusalCode.PATH_PROTECTED in codes(refuse(run, added_file(path), policy))


def test_a_broken_binary_line_is_blamed_by_its_number(run: Run) -> None:
    patch = (
        f"diff --git a/x b/x\nnew file mode 100644\nindex {'0' * 40}..{'1' * 40}\n"
        "GIT binary patch\nliteral 3\nzcmZQz\n\n"
    ).encode()
    (refusal,) = refuse(run, patch)
    assert (refusal.code, refusal.path, refusal.line) == (RefusalCode.PATCH_MALFORMED, "", 6)


@pytest.mark.parametrize("mode", ["100600", "100664", "100777", "104755", "040000", "000000", "100000"])
def test_odd_modes_are_refused(run: Run, mode: str) -> None:
    patch = added_file("tool.sh").replace(b"100644", mode.encode())
    assert codes(refuse(run, patch)) == {RefusalCode.MODE_NOT_ALLOWED}
    changed = f"diff --git a/README.md b/README.md\nold mode 100644\nnew mode {mode}\n".encode()
    assert codes(refuse(run, changed)) == {RefusalCode.MODE_NOT_ALLOWED}


def test_limits_are_enforced(run: Run) -> None:
    big = added_file("big.txt", "x" * 5000 + "\n")
    assert codes(refuse(run, big, PathPolicy(max_patch_bytes=1000))) == {RefusalCode.PATCH_TOO_LARGE}
    assert codes(refuse(run, big, PathPolicy(max_file_bytes=1000))) == {RefusalCode.FILE_TOO_LARGE}
    many = b"".join(added_file(f"many/{number}.txt") for number in range(5))
    assert codes(refuse(run, many, PathPolicy(max_files=4))) == {RefusalCode.TOO_MANY_FILES}


def test_a_binary_bomb_is_refused_before_it_is_unpacked(run: Run) -> None:
    run.repo.write({"huge.bin": bytes(3_000_000)})
    run.repo.git("add", "huge.bin")
    patch = run.repo.git("diff", "--cached", "--binary", "--full-index", "--", "huge.bin")
    run.repo.git("rm", "--quiet", "--cached", "-f", "huge.bin")
    run.repo.git("prune", "--expire=now")
    (refusal,) = refuse(run, patch, PathPolicy(max_file_bytes=1_000_000))
    assert (refusal.code, refusal.path) == (RefusalCode.FILE_TOO_LARGE, "huge.bin")


def test_paths_outside_the_allowed_or_inside_the_protected_ones_are_all_listed(run: Run) -> None:
    patch = b"".join(
        added_file(path)
        for path in ("docs/ok.md", "src/no.py", ".github/workflows/ci.yml", ".GitHub/Workflows/x.yml")
    )
    policy = PathPolicy(allowed_paths=("docs/**", ".github/"), protected_paths=("/.github/workflows/",))
    refusals = refuse(run, patch, policy)
    assert {(refusal.code, refusal.path) for refusal in refusals} == {
        (RefusalCode.PATH_NOT_ALLOWED, "src/no.py"),
        (RefusalCode.PATH_PROTECTED, ".github/workflows/ci.yml"),
        (RefusalCode.PATH_PROTECTED, ".GitHub/Workflows/x.yml"),
        (RefusalCode.PATH_NOT_ALLOWED, ".GitHub/Workflows/x.yml"),
    }
    lines = patch.decode().splitlines()
    assert all(lines[(refusal.line or 0) - 1].startswith("diff --git") for refusal in refusals)


def test_moving_a_file_out_of_the_allowed_paths_is_refused_at_both_ends(run: Run) -> None:
    moved = b"diff --git a/README.md b/docs/R.md\nrename from README.md\nrename to docs/R.md\n"
    for allowed, blamed in (("docs/", "README.md"), ("/README.md", "docs/R.md")):
        (refusal,) = refuse(run, moved, PathPolicy(allowed_paths=(allowed,)))
        assert (refusal.code, refusal.path) == (RefusalCode.PATH_NOT_ALLOWED, blamed)


MISMATCH = (
    b"diff --git a/src/app.py b/src/app.py\n--- a/src/app.py\n+++ b/src/app.py\n"
    b"@@ -1,3 +1,3 @@\n line 1\n-line 2\n+LINE 2\n line 3\n"
    b"@@ -20,3 +20,3 @@\n line 20\n-not there\n+x\n line 22\n"
)


def test_a_hunk_that_does_not_match_is_named_with_its_file_and_line(run: Run) -> None:
    (refusal,) = refuse(run, MISMATCH)
    assert (refusal.code, refusal.path, refusal.line) == (RefusalCode.PATCH_DOES_NOT_APPLY, "src/app.py", 9)
    assert "20" in refusal.detail


def test_every_file_that_does_not_apply_is_listed(run: Run) -> None:
    missing = b"diff --git a/nope.txt b/nope.txt\n--- a/nope.txt\n+++ b/nope.txt\n@@ -1 +1 @@\n-a\n+b\n"
    existing = added_file("README.md")
    refusals = refuse(run, MISMATCH + missing + existing)
    assert {(refusal.path, refusal.line) for refusal in refusals} == {
        ("src/app.py", 9),
        ("nope.txt", 14),
        ("README.md", 20),
    }
    assert codes(refusals) == {RefusalCode.PATCH_DOES_NOT_APPLY}


def test_fuzz_is_zero(run: Run) -> None:
    patch = b"--- a/src/app.py\n+++ b/src/app.py\n@@ -1,3 +1,3 @@\n line 1\n-line 2\n+LINE 2\n line three\n"
    assert codes(refuse(run, patch)) == {RefusalCode.PATCH_DOES_NOT_APPLY}


@pytest.mark.parametrize(
    "hunk",
    [
        b"@@ -5,0 +6,1 @@\n+inserted\n",
        b"@@ -5 +5 @@\n-line 5\n+LINE 5\n",
        b"@@ -5,2 +4,0 @@\n-line 5\n-line 6\n",
        b"@@ -1 +1 @@\n-line 1\n+LINE 1\n@@ -9 +9 @@\n-line 9\n+LINE 9\n",
        b"@@ -40,0 +41 @@\n+line 41\n",
        b"@@ -0,0 +1 @@\n+first\n@@ -40 +41 @@\n-line 40\n+end\n",
    ],
)
def test_hunks_without_context_are_refused(run: Run, hunk: bytes) -> None:
    patch = b"diff --git a/src/app.py b/src/app.py\n--- a/src/app.py\n+++ b/src/app.py\n" + hunk
    refusals = refuse(run, patch)
    assert codes(refusals) == {RefusalCode.ZERO_CONTEXT_HUNK}
    assert refusals[0].line == 4


@pytest.mark.parametrize("hunk", [b"@@ -1 +1 @@\n-line 1\n+LINE 1\n", b"@@ -0,0 +1 @@\n+first\n"])
def test_a_lone_hunk_at_the_top_without_context_must_replace_the_whole_file(run: Run, hunk: bytes) -> None:
    patch = b"--- a/src/app.py\n+++ b/src/app.py\n" + hunk
    assert codes(refuse(run, patch)) == {RefusalCode.PATCH_DOES_NOT_APPLY}


def test_nul_in_a_text_patch_is_refused_with_its_line(run: Run) -> None:
    patch = added_file("a.txt").replace(b"+new", b"+n\0ew")
    refusals = refuse(run, patch)
    assert codes(refusals) == {RefusalCode.NUL_IN_TEXT_PATCH}
    assert refusals[0].line == 6
    hidden = added_file(".git/x\0").replace(b".git/x\0", b"fine\0/.git")
    assert RefusalCode.NUL_IN_TEXT_PATCH in codes(refuse(run, hidden))


def _drop_last_newline(patch: bytes) -> bytes:
    return patch.rstrip(b"\n")


def _cut_inside_hunk(patch: bytes) -> bytes:
    return patch[: patch.index(b"+LINE 2")]


def _cut_after_names(patch: bytes) -> bytes:
    return patch[: patch.index(b"@@ -1,3")]


def _cut_after_index(patch: bytes) -> bytes:
    return b"diff --git a/x b/x\nnew file mode 100644\nindex 0000000..1234567\n"


@pytest.mark.parametrize("cut", [_drop_last_newline, _cut_inside_hunk, _cut_after_names, _cut_after_index])
def test_truncated_patches_are_refused(run: Run, cut: Callable[[bytes], bytes]) -> None:
    patch = (
        b"diff --git a/src/app.py b/src/app.py\n--- a/src/app.py\n+++ b/src/app.py\n"
        + MISMATCH.split(b"\n", 3)[3]
    )
    assert codes(refuse(run, cut(patch))) == {RefusalCode.PATCH_TRUNCATED}


@pytest.mark.parametrize(
    "patch",
    [
        b"@@ -1 +1 @@\n-a\n+b\n",
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ nonsense @@\n",
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\nnonsense\n",
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,2 @@\n a\n-b\n c\n+d\n",
        b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+one line more\n",
        b"diff --git a/x b/x\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n",
        b"--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n",
        b"--- src/app.py\n+++ src/app.py\n@@ -1 +1 @@\n-a\n+b\n",
        b"diff --git a/x b/x\nindex 1234567..2345678 100644\nBinary files a/x and b/x differ\n",
        b"diff --git a/x b/x\nindex 1234567..2345678\nGIT binary patch\nliteral 3\nKcmZQzWMT#Y01f~L\n\n",
        b"diff --git a/x b/x\nindex 1234567..2345678\nGIT binary patch\nliteral 3\n!!!\n\n",
        b"diff --git a/x b/x\nnew file mode abc\n",
        b"diff --git a/x b/x\nnew file mode 100644\ndeleted file mode 100644\n",
        b'diff --git "a/x b/x\n--- "a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n',
        b"diff --git a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    ],
)
def test_malformed_patches_are_refused(run: Run, patch: bytes) -> None:
    refusals = refuse(run, patch)
    assert codes(refusals) == {RefusalCode.PATCH_MALFORMED}
    assert all(refusal.line for refusal in refusals)


def test_text_without_effect_is_refused(run: Run) -> None:
    rename_to_itself = b"diff --git a/README.md b/README.md\nold mode 100644\nnew mode 100644\n"
    mention = b"I changed diff --git a/x b/x, please apply.\n"
    for patch in (b"\n", b" ", b"no patch at all\n", mention, b"diff --git a/x b/x\n", rename_to_itself):
        refusals = refuse(run, patch)
        assert codes(refusals) <= {RefusalCode.PATCH_NO_EFFECT, RefusalCode.PATCH_DOES_NOT_APPLY}, patch


def test_a_change_and_its_way_back_have_no_effect(run: Run) -> None:
    there = (
        b"--- a/README.md\n+++ b/README.md\n@@ -1,3 +1,3 @@\n # A project\n \n-It does things.\n+Changed.\n"
    )
    back = (
        b"--- a/README.md\n+++ b/README.md\n@@ -1,3 +1,3 @@\n # A project\n \n-Changed.\n+It does things.\n"
    )
    assert codes(refuse(run, there + back)) == {RefusalCode.PATCH_NO_EFFECT}


def test_crlf_line_ends_added_by_transport_are_refused(run: Run) -> None:
    patch = added_file("new.txt").replace(b"\n", b"\r\n")
    assert RefusalCode.PATH_CONTROL_CHARACTERS in codes(refuse(run, patch))


def test_all_reasons_are_given_at_once(run: Run) -> None:
    patch = (
        added_file("../x")
        + added_link("l", "/etc")
        + added_file(".git/y")
        + added_file("z").replace(b"100644", b"100600")
    )
    assert codes(refuse(run, patch)) == {
        RefusalCode.PATH_ESCAPES,
        RefusalCode.SYMLINK_NOT_ALLOWED,
        RefusalCode.PATH_IS_GIT_INTERNAL,
        RefusalCode.MODE_NOT_ALLOWED,
    }


def test_a_refused_patch_leaves_no_object_even_if_some_of_its_files_are_fine(run: Run, repo: GitRepo) -> None:
    fine = b"".join(added_file(f"fine/{number}.txt", f"content {number}\n") for number in range(20))
    before = run.repo.objects()
    assert codes(refuse(run, fine + MISMATCH)) == {RefusalCode.PATCH_DOES_NOT_APPLY}
    assert run.repo.objects() == before
    link = added_link("link", "/etc/passwd")
    assert codes(refuse(run, fine + link, RELAXED)) == {RefusalCode.SYMLINK_ESCAPES}
    assert run.repo.objects() == before
    # The quarantine of a refused patch must not leak into the next one that is accepted either.
    accepted = run.candidate(added_file("other.txt", "other\n"))
    made = run.repo.objects() - before
    assert made == {accepted.commit, accepted.tree, run.repo.rev(f"{accepted.commit}:other.txt")}
