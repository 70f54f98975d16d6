"""Where things are kept in a project of each stack, and so what a phase may change. Pure.

Patterns are gitignore-like and anchored at the root. No layout has CI definitions: agents never write them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum


class Scope(Enum):
    """What a phase is there to change."""

    SKELETON = "skeleton"
    SCHEMA = "schema"
    CODE = "code"
    CODE_AND_SCHEMA = "code_and_schema"
    REUSE = "reuse"
    TOOLING = "tooling"
    SERVICE = "service"
    DOCS = "docs"


@dataclass(frozen=True, slots=True)
class Layout:
    """`module` is where one feature lives, with `{name}` for it. `migrations` may lie inside of `code`;
    `models` is what a change of the schema needs of it."""

    name: str
    module: str
    code: tuple[str, ...]
    models: tuple[str, ...]
    migrations: tuple[str, ...]
    tests: tuple[str, ...]
    manifests: tuple[str, ...]
    roots: tuple[str, ...] = ()
    """Files that only the project's beginning writes."""

    def place(self, name: str) -> str:
        """Folder of one feature. `name` is a slug; what languages do not like in it is replaced."""
        return self.module.format(name=re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "feature")

    def allowed_paths(self, scope: Scope) -> tuple[str, ...]:
        """Never empty: that would allow everything."""
        taken_back = tuple(f"!{pattern}" for pattern in self.migrations)
        if scope is Scope.SKELETON:
            written = (self.code, self.tests, self.manifests, self.roots)
            return _unique(*written, _ROOTS, _SERVICES, _DOCS, taken_back)
        if scope is Scope.SCHEMA:
            return _unique(self.models, self.migrations, self.tests, self.manifests)
        if scope is Scope.CODE:
            return _unique(self.code, self.tests, self.manifests, taken_back)
        if scope is Scope.CODE_AND_SCHEMA:
            return _unique(self.code, self.migrations, self.tests, self.manifests)
        if scope is Scope.REUSE:
            written = (self.code, self.migrations, self.tests, self.manifests)
            return _unique(*written, _SERVICES, NOTICES)
        if scope is Scope.TOOLING:
            return _unique(self.code, self.tests, self.manifests, self.roots, _ROOTS, taken_back)
        if scope is Scope.SERVICE:
            return _unique(self.code, self.tests, self.manifests, _SERVICES, _DOCS, taken_back)
        return _DOCS


NOTICES_FILE = "THIRD_PARTY_NOTICES.md"
NOTICES = (f"/{NOTICES_FILE}", "/LICENSES/")
"""What a phase that takes from others writes besides."""

_SERVICES = ("/compose.yaml", "/deploy/", "/.env.example")
_DOCS = ("/README.md", "/CHANGELOG.md", "/docs/")
_ROOTS = ("/.editorconfig", "/.gitattributes", "/.gitignore", "/Dockerfile", "/.dockerignore", "/Makefile")

_PYTHON = ("/pyproject.toml", "/requirements*.txt", "/uv.lock", "/poetry.lock")
_NODE = ("/package.json", "/package-lock.json", "/pnpm-lock.yaml", "/yarn.lock")
_NODE_ROOTS = ("/tsconfig*.json", "/eslint.config.*", "/.prettierrc*", "/vitest.config.*", "/*.config.ts")

_BACKENDS = {
    "django": Layout(
        name="Django",
        module="apps/{name}/",
        code=("/apps/", "/config/", "/templates/", "/static/", "/locale/"),
        models=("/apps/*/models.py", "/apps/*/models/", "/apps/*/admin.py", "/apps/*/apps.py", "/config/"),
        migrations=("/apps/*/migrations/",),
        tests=("/tests/", "/apps/*/tests/"),
        manifests=_PYTHON,
        roots=("/manage.py", "/ruff.toml", "/pytest.ini"),
    ),
    "fastapi": Layout(
        name="FastAPI",
        module="app/{name}/",
        code=("/app/",),
        models=("/app/**/models.py", "/app/models/", "/app/core/", "/app/db/"),
        migrations=("/migrations/", "/alembic.ini"),
        tests=("/tests/",),
        manifests=_PYTHON,
        roots=("/ruff.toml", "/pytest.ini"),
    ),
    "flask": Layout(
        name="Flask",
        module="app/{name}/",
        code=("/app/", "/wsgi.py"),
        models=("/app/**/models.py", "/app/models/", "/app/extensions.py"),
        migrations=("/migrations/",),
        tests=("/tests/",),
        manifests=_PYTHON,
        roots=("/ruff.toml", "/pytest.ini"),
    ),
    "dagster": Layout(
        name="Dagster",
        module="pipelines/{name}/",
        code=("/pipelines/", "/dashboards/"),
        models=("/transformations/models/", "/pipelines/**/schemas.py", "/pipelines/**/resources.py"),
        migrations=("/transformations/migrations/",),
        tests=("/tests/", "/transformations/tests/"),
        manifests=(*_PYTHON, "/transformations/packages.yml"),
        roots=("/dagster.yaml", "/workspace.yaml", "/transformations/dbt_project.yml"),
    ),
    "nextjs": Layout(
        name="Next.js",
        module="src/features/{name}/",
        code=("/src/", "/public/", "/next.config.*"),
        models=("/src/db/", "/src/features/*/schema.ts"),
        migrations=("/drizzle/", "/prisma/"),
        tests=("/tests/", "/e2e/", "/src/**/*.test.ts", "/src/**/*.test.tsx"),
        manifests=_NODE,
        roots=_NODE_ROOTS,
    ),
    "nestjs": Layout(
        name="NestJS",
        module="src/{name}/",
        code=("/src/",),
        models=("/src/**/*.entity.ts", "/src/database/"),
        migrations=("/prisma/", "/src/migrations/"),
        tests=("/test/", "/src/**/*.spec.ts"),
        manifests=_NODE,
        roots=(*_NODE_ROOTS, "/nest-cli.json"),
    ),
    "node": Layout(
        name="Node.js",
        module="src/{name}/",
        code=("/src/", "/public/"),
        models=("/src/**/models/", "/src/db/"),
        migrations=("/migrations/", "/prisma/", "/drizzle/"),
        tests=("/test/", "/tests/", "/src/**/*.test.ts", "/src/**/*.test.js"),
        manifests=_NODE,
        roots=_NODE_ROOTS,
    ),
    "directus": Layout(
        name="Directus",
        module="extensions/{name}/",
        code=("/extensions/",),
        models=("/schema/",),
        migrations=("/schema/", "/extensions/migrations/"),
        tests=("/tests/",),
        manifests=_NODE,
        roots=_NODE_ROOTS,
    ),
    "rails": Layout(
        name="Rails",
        module="app/",
        code=("/app/", "/lib/", "/config/", "/public/"),
        models=("/app/models/", "/config/database.yml", "/db/seeds.rb"),
        migrations=("/db/migrate/", "/db/schema.rb", "/db/structure.sql"),
        tests=("/test/", "/spec/"),
        manifests=("/Gemfile", "/Gemfile.lock", "/package.json", "/yarn.lock"),
        roots=("/bin/", "/Rakefile", "/config.ru", "/.rubocop.yml", "/.ruby-version"),
    ),
    "laravel": Layout(
        name="Laravel",
        module="app/",
        code=("/app/", "/bootstrap/", "/config/", "/resources/", "/routes/", "/public/", "/lang/"),
        models=("/app/Models/", "/database/factories/", "/database/seeders/", "/config/database.php"),
        migrations=("/database/migrations/",),
        tests=("/tests/",),
        manifests=("/composer.json", "/composer.lock", "/package.json", "/package-lock.json"),
        roots=("/artisan", "/phpunit.xml", "/vite.config.*", "/storage/"),
    ),
    "phoenix": Layout(
        name="Phoenix",
        module="lib/",
        code=("/lib/", "/assets/", "/config/", "/priv/static/", "/priv/gettext/"),
        models=("/lib/", "/priv/repo/seeds.exs"),
        migrations=("/priv/repo/migrations/",),
        tests=("/test/",),
        manifests=("/mix.exs", "/mix.lock"),
        roots=("/.formatter.exs", "/.credo.exs"),
    ),
    "spring": Layout(
        name="Spring Boot",
        module="src/main/java/",
        code=("/src/main/",),
        models=("/src/main/java/", "/src/main/resources/application*"),
        migrations=("/src/main/resources/db/migration/",),
        tests=("/src/test/",),
        manifests=(
            "/build.gradle*",
            "/settings.gradle*",
            "/gradle.properties",
            "/gradle/libs.versions.toml",
            "/pom.xml",
        ),
        roots=("/gradlew", "/gradlew.bat", "/gradle/wrapper/"),
    ),
    "go": Layout(
        name="Go",
        module="internal/{name}/",
        code=("/cmd/", "/internal/", "/api/"),
        models=("/internal/store/", "/sqlc.yaml"),
        migrations=("/migrations/",),
        tests=("/tests/", "/cmd/**/*_test.go", "/internal/**/*_test.go"),
        manifests=("/go.mod", "/go.sum"),
        roots=("/.golangci.yml",),
    ),
}
_ALIASES = {
    "next.js": "nextjs",
    "nest": "nestjs",
    "express": "node",
    "fastify": "node",
    "hono": "node",
    "golang": "go",
    "starlette": "fastapi",
    "litestar": "fastapi",
}
_GENERIC = Layout(
    name="a plain project",
    module="src/{name}/",
    code=("/src/", "/app/", "/lib/", "/config/", "/public/"),
    models=("/src/", "/app/", "/lib/", "/config/"),
    migrations=("/migrations/", "/db/"),
    tests=("/test/", "/tests/", "/spec/"),
    manifests=(*_PYTHON, *_NODE, "/go.mod", "/go.sum", "/Cargo.toml", "/Cargo.lock"),
    roots=("/bin/", "/tsconfig*.json"),
)

_FRONTENDS = {
    "react-native": "mobile",
    "react": "frontend",
    "nextjs": "frontend",
    "next.js": "frontend",
    "vue": "frontend",
    "nuxt": "frontend",
    "svelte": "frontend",
    "angular": "frontend",
    "solid": "frontend",
    "astro": "site",
    "flutter": "mobile",
}
"""Front ends that are a project of their own beside the backend, and its folder."""


def choose_layout(slots: Mapping[str, str]) -> Layout:
    """By the values of the stack's slots `backend` and `frontend`. What is not known has a plain layout."""
    backend_name = _find(slots.get("backend", ""), {**{name: name for name in _BACKENDS}, **_ALIASES})
    backend = _BACKENDS.get(backend_name, _GENERIC)
    folder = _find(slots.get("frontend", ""), _FRONTENDS)
    is_one_project = backend_name == "nextjs" and folder == "frontend"
    return backend if not folder or is_one_project else _add_front_end(backend, folder)


def _find(value: str, known: Mapping[str, str]) -> str:
    """What the longest known name at the start of a word of the value stands for, or nothing."""
    said = value.lower()
    for name in sorted(known, key=lambda name: (-len(name), name)):
        if re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z])", said):
            return known[name]
    return ""


def _add_front_end(backend: Layout, folder: str) -> Layout:
    """The backend stays at the root, so that its tools find it; the front end has a folder."""
    sources = tuple(f"/{folder}/{name}/" for name in ("src", "app", "lib", "public", "assets"))
    packages = (*_NODE, "/pubspec.*") if folder == "mobile" else _NODE
    manifests = tuple(f"/{folder}{name}" for name in packages)
    roots = (f"/{folder}/*.json", f"/{folder}/*.config.*", f"/{folder}/index.html")
    tests = (f"/{folder}/tests/", f"/{folder}/e2e/")
    return replace(
        backend,
        code=backend.code + sources,
        tests=backend.tests + tests,
        manifests=backend.manifests + manifests,
        roots=backend.roots + roots,
    )


def _unique(*groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(pattern for group in groups for pattern in group))
