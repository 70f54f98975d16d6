"""Settings, all of them from the environment. The README has the table.

With no `DATABASE_URL`, the database is the embedded PostgreSQL of `autopack.embedded`.
"""

from pathlib import Path

import environ

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent

AUTOPACK_HOME = Path(env.str("AUTOPACK_HOME", default=str(BASE_DIR / ".autopack"))).absolute()
AUTOPACK_CONFIG = Path(env.str("AUTOPACK_CONFIG", default=str(BASE_DIR / "autopack.yaml"))).absolute()
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)

DEBUG = env.bool("AUTOPACK_DEBUG", default=False)
ALLOWED_HOSTS = env.list("AUTOPACK_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("AUTOPACK_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "procrastinate.contrib.django",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "autopack",
    "catalog_app",
    "runs_app",
]
