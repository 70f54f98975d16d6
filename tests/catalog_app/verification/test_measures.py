"""What is counted: nothing first, odd things next, then a repository that has it all."""

import pytest

from catalog_app.verification.detection import TemplateDetector
from catalog_app.verification.inspection import inspect_source
from catalog_app.verification.measures import Manifest, Measures, measure
from tests.support.repos import EPOCH, FileContents, GitRepo
from tests.support.upstreams import Upstreams

pytestmark = pytest.mark.integration


def measured(upstreams: Upstreams, repo: GitRepo, *paths: str) -> Measures:
    reader = upstreams.read(repo)
    found = inspect_source(reader, repo.head(), paths, TemplateDetector())
    return measure(reader, repo.head(), found.paths)


def test_a_bare_repository_has_nothing_to_count(upstreams: Upstreams) -> None:
    found = measured(upstreams, upstreams.make({"src/a.py": "1"}, is_partial=False), "src")
    assert found == Measures(
        tests=(),
        test_files=0,
        tests_elsewhere=(),
        source_files=1,
        docs=(),
        readme="",
        changelog="",
        security_policy="",
        ci=(),
        files=1,
        size_bytes=1,
        repository_files=1,
        manifests=(),
        last_commit_at=int(EPOCH.timestamp()),
        last_commit_at_paths=int(EPOCH.timestamp()),
        authors=1,
        authors_at_paths=1,
        releases=0,
        last_release="",
        last_release_at=None,
    )


def test_what_a_partial_mirror_does_not_have_is_not_measured(upstreams: Upstreams) -> None:
    repo = upstreams.make({"data.bin": "x" * 1000, "src/a.py": "1"})
    assert measured(upstreams, repo).size_bytes is None
    assert measured(upstreams, repo, "src").size_bytes == 1


def test_tags_that_are_no_versions_are_no_releases(upstreams: Upstreams) -> None:
    repo = upstreams.make({"a": "1"})
    for name in ("latest", "nightly", "before-the-move", "2024-party"):
        repo.git("tag", name)
    assert measured(upstreams, repo).releases == 0
    for name in ("v1.0", "1.1.0rc1", "shop-2.0", "release/3.0.0", "@scope/pkg@4.0.1"):
        repo.commit("More")
        repo.git("tag", name)
    found = measured(upstreams, repo)
    assert (found.releases, found.last_release) == (5, "@scope/pkg@4.0.1")
    assert found.last_release_at == int(EPOCH.timestamp()) + 300


@pytest.mark.parametrize(
    ("file", "content", "count"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["a", "b>=1"]\n[dependency-groups]\ndev = ["c"]\n', 2),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3"\na = "1"\n', 1),
        ("pyproject.toml", "[build-system]\n", None),
        ("pyproject.toml", "[project\n", None),
        ("requirements.txt", "# all\n-r other.txt\na==1\n\nb[x]>=2 ; python_version > '3'  # why\nc\n", 3),
        ("package.json", '{"dependencies": {"a": "1", "b": "2"}, "devDependencies": {"c": "3"}}', 2),
        ("package.json", "{}", 0),
        ("package.json", "[" * 100_000, None),
        ("composer.json", '{"require": {"php": "^8", "a/b": "1", "ext-json": "*"}}', 1),
        ("Cargo.toml", '[dependencies]\na = "1"\n', 1),
        (
            "go.mod",
            "require (\n\tgithub.com/a/b v1.0.0\n\te.io/c/d v1.0.0 // indirect\n)\nrequire e.io/f v2.0.0\n",
            2,
        ),
        ("setup.py", "setup(install_requires=['a'])", None),
    ],
)
def test_declared_dependencies_are_counted_where_that_is_certain(
    upstreams: Upstreams, file: str, content: str, count: int | None
) -> None:
    assert measured(upstreams, upstreams.make({file: content})).manifests == (Manifest(file, count),)


def test_the_nearest_package_files_count(upstreams: Upstreams) -> None:
    files: FileContents = {
        "package.json": '{"dependencies": {"a": "1"}}',
        "packages/x/package.json": '{"dependencies": {"a": "1", "b": "1"}}',
        "packages/x/src/index.ts": "1",
        "packages/y/index.ts": "1",
    }
    repo = upstreams.make(files)
    assert [m.dependencies for m in measured(upstreams, repo, "packages/x/src").manifests] == [2]
    assert [m.dependencies for m in measured(upstreams, repo, "packages/y").manifests] == [1]


def test_everything_that_there_is_is_found(upstreams: Upstreams) -> None:
    files: FileContents = {
        "README.md": "x",
        "CHANGES.rst": "x",
        ".github/SECURITY.md": "x",
        ".github/workflows/ci.yml": "x",
        ".gitlab-ci.yml": "x",
        "docs/index.rst": "x",
        "src/shop/a.py": "1",
        "src/shop/b.py": "1",
        "src/shop/b_test.py": "1",
        "tests/test_a.py": "1",
        "tests/conftest.py": "1",
        "web/cart.spec.ts": "1",
        "pkg/cart_test.go": "1",
        "java/CartTest.java": "1",
        "latest.py": "1",
        "contest/entry.py": "1",
    }
    repo = upstreams.make(files)
    found = measured(upstreams, repo, "src/shop")
    assert (found.tests, found.test_files, found.source_files) == (("src/shop",), 1, 2)
    assert found.tests_elsewhere == ("tests", "java", "pkg", "web")
    assert (found.readme, found.changelog, found.security_policy) == (
        "README.md",
        "CHANGES.rst",
        ".github/SECURITY.md",
    )
    assert found.ci == ("GitHub Actions", "GitLab CI")
    assert found.docs == ("docs",)
    assert (found.files, found.repository_files) == (3, len(files))
    assert found.last_commit_at_paths == int(EPOCH.timestamp())
