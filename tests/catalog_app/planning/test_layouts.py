"""What a phase may change, as the patch inspection reads it."""

import pytest

from catalog_app.planning.layouts import Scope, choose_layout
from runs_app.gitops.patterns import matches_patterns

BACKENDS = [
    "django",
    "django-rest-framework",
    "fastapi",
    "flask",
    "dagster",
    "nextjs",
    "nestjs",
    "node",
    "directus",
    "rails",
    "laravel",
    "phoenix",
    "spring-boot",
    "go",
    "cobol",
    "",
]
FRONTENDS = ["react", "react-native", "nextjs", "htmx", "none", ""]


@pytest.mark.parametrize("backend", BACKENDS)
def test_no_phase_may_write_ci_definitions_or_everything(backend: str) -> None:
    for frontend in FRONTENDS:
        layout = choose_layout({"backend": backend, "frontend": frontend})
        for scope in Scope:
            patterns = layout.allowed_paths(scope)
            assert patterns
            for path in (".github/workflows/ci.yml", ".gitlab-ci.yml", ".autonomous_runs/x", "LICENSE", "x"):
                assert not matches_patterns(path, patterns), (backend, frontend, scope, path)


@pytest.mark.parametrize("backend", BACKENDS)
def test_migrations_are_only_written_where_the_schema_may_change(backend: str) -> None:
    layout = choose_layout({"backend": backend})
    migration = layout.migrations[0].strip("/").replace("*", "shop") + "/0001_first"

    writers = {scope for scope in Scope if matches_patterns(migration, layout.allowed_paths(scope))}

    assert writers == {Scope.SCHEMA, Scope.CODE_AND_SCHEMA, Scope.REUSE}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_feature_has_a_place_that_its_phase_may_write(backend: str) -> None:
    layout = choose_layout({"backend": backend})
    place = layout.place("csv-import-Export")

    assert matches_patterns(f"{place}views", layout.allowed_paths(Scope.CODE))
    assert matches_patterns(f"{place}views", layout.allowed_paths(Scope.REUSE))
    assert not matches_patterns(f"{place}views", layout.allowed_paths(Scope.DOCS))


def test_places_are_names_in_every_language() -> None:
    assert choose_layout({"backend": "django"}).place("Über uns/../x") == "apps/ber_uns_x/"
    assert choose_layout({"backend": "django"}).place("日本") == "apps/feature/"


@pytest.mark.parametrize(
    ("backend", "frontend", "path"),
    [
        ("django", "htmx", "apps/shop/views.py"),
        ("Django 5", "", "templates/base.html"),
        ("django-rest-framework", "react", "frontend/src/App.tsx"),
        ("fastapi", "nextjs", "frontend/src/page.tsx"),
        ("nestjs", "react-native", "mobile/src/App.tsx"),
        ("nextjs", "nextjs", "src/features/shop/page.tsx"),
        ("express", "vue", "src/shop.ts"),
        ("golang", "none", "internal/shop/shop.go"),
        ("spring-boot", "react", "src/main/java/Shop.java"),
        ("laravel", "livewire", "resources/views/shop.blade.php"),
        ("rails", "hotwire", "app/models/shop.rb"),
        ("directus", "astro", "site/src/index.astro"),
        ("mango", "", "src/x"),
    ],
)
def test_code_lives_where_the_stack_has_it(backend: str, frontend: str, path: str) -> None:
    layout = choose_layout({"backend": backend, "frontend": frontend})

    assert matches_patterns(path, layout.allowed_paths(Scope.CODE))
    assert matches_patterns("THIRD_PARTY_NOTICES.md", layout.allowed_paths(Scope.REUSE))


def test_one_next_project_has_no_front_end_beside_it() -> None:
    assert choose_layout({"backend": "nextjs", "frontend": "nextjs"}) == choose_layout({"backend": "nextjs"})
