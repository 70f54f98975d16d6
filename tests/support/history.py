"""A small repository whose history has what real ones have."""

from pathlib import Path

from tests.support.repos import GitRepo, copy_of, make_repo


def make_history(path: Path, commits: int, *, is_bare: bool = False) -> GitRepo:
    """`commits` first-parent commits after the first: changes, renames, binaries, a merge, an empty one …"""
    repo = copy_of(commits, path, _make)
    if is_bare:
        bare = path.with_name(f"{path.name}.git")
        repo.git("clone", "--quiet", "--bare", str(path), str(bare))
        return GitRepo(bare, is_bare=True, commits_made=repo.commits_made)
    return repo


def _make(path: Path, commits: int) -> GitRepo:
    repo = make_repo(path, {"README.md": "# Shop\n", "shop/cart.py": _module(0), ".ci/run": "#!/bin/sh\n"})
    for number in range(1, commits + 1):
        _commit(repo, number)
    return repo


def _commit(repo: GitRepo, number: int) -> None:
    match number % 12:
        case 1:
            repo.commit(f"Add module {number}", {f"shop/part{number}.py": _module(number)})
        case 2:
            repo.git("mv", f"shop/part{number - 1}.py", f"shop/piece{number}.py")
            repo.commit(f"Rename module {number - 1}\n\nIt has a body, too.\n")
        case 3:
            content = bytes(range(256)) * number
            repo.commit(f"Add a picture {number}", {f"static/grün {number}.bin": content})
        case 4:
            repo.commit(f"Say nothing {number}")
        case 5:
            (repo.path / f"link{number}").symlink_to("README.md")
            repo.commit(f"Add a link {number}")
        case 6:
            repo.git("rm", "--quiet", f"link{number - 1}")
            repo.commit(f"Remove the link {number - 1}")
        case 7:
            repo.commit(f"Change CI {number}", {".ci/run": f"#!/bin/sh\necho {number}\n"})
        case 8:
            repo.commit(f"Latin-1 and CRLF {number}", {"notes.txt": b"caf\xe9\r\nno newline at the end"})
        case 9:
            repo.git("checkout", "--quiet", "-b", f"topic{number}")
            repo.commit("On the side", {f"side{number}.txt": "side\n"})
            repo.git("checkout", "--quiet", "main")
            repo.git("merge", "--quiet", "--no-ff", "--message", f"Merge topic {number}", f"topic{number}")
            repo.git("branch", "--quiet", "--delete", f"topic{number}")
        case _:
            repo.commit(f"Edit the cart {number}", {"shop/cart.py": _module(number)})


def _module(number: int) -> str:
    return "".join(
        f"def f{line}():\n    return {line + (number if line == 7 else 0)}\n\n" for line in range(20)
    )
