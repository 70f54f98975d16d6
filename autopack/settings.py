"""Settings, all of them from the environment. The README has the table.

With no `DATABASE_URL`, the database is the embedded PostgreSQL of `autopack.embedded`.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import environ
from django.core.management.utils import get_random_secret_key
from django.templatetags.static import static
from django.urls import reverse_lazy

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent

AUTOPACK_HOME = Path(env.str("AUTOPACK_HOME", default=str(BASE_DIR / ".autopack"))).absolute()
AUTOPACK_CONFIG = Path(env.str("AUTOPACK_CONFIG", default=str(BASE_DIR / "autopack.yaml"))).absolute()
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)

DEBUG = env.bool("AUTOPACK_DEBUG", default=False)
# This machine always counts: health checks come from it, by address.
ALLOWED_HOSTS = [
    *env.list("AUTOPACK_ALLOWED_HOSTS", default=["testserver"]),
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = env.list("AUTOPACK_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    # autopack.urls finds the admins of all apps, so that only what serves pages imports them.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "simple_history",
    "autopack",
    "catalog_app",
    "runs_app",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "autopack.middleware.ContentSecurityPolicyMiddleware",
    "autopack.middleware.StaticFilesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "autopack.middleware.ErrorMiddleware",
]

ROOT_URLCONF = "autopack.urls"
ASGI_APPLICATION = "autopack.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# A pool, because requests that wait for a phase give their connection back and ask for it again.
DATABASE_POOL = {"min_size": 0, "max_size": env.int("AUTOPACK_DATABASE_POOL", default=20), "timeout": 20}


def _database() -> dict[str, object]:
    if env.str("DATABASE_URL", default=""):
        configured: dict[str, object] = dict(env.db("DATABASE_URL"))
    else:
        from autopack.embedded import settings_for

        configured = dict(settings_for(AUTOPACK_HOME))
    options = configured.get("OPTIONS")
    configured["OPTIONS"] = {**(options if isinstance(options, dict) else {}), "pool": DATABASE_POOL}
    configured["CONN_HEALTH_CHECKS"] = True
    return configured


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _secret_key() -> str:
    """From the environment, else a key kept in AUTOPACK_HOME so that sessions outlive a restart."""
    given: str = env.str("AUTOPACK_SECRET_KEY", default="")
    if given:
        return given
    kept = AUTOPACK_HOME / "secret_key"
    if not kept.exists():
        AUTOPACK_HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
        with NamedTemporaryFile("w", dir=AUTOPACK_HOME, encoding="ascii") as draft:
            draft.write(get_random_secret_key())
            draft.flush()
            # A link appears whole or not at all: of several first starters one wins, the others read.
            with suppress(FileExistsError):
                os.link(draft.name, kept)
    return kept.read_text(encoding="ascii")


SECRET_KEY = _secret_key()

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Served from where they stand, so that a clone needs no collectstatic step.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
# Vendored files stand in folders that carry their version: a browser asks for them once.
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/vendor/[^/]+-\d[^/]*/"

LOGIN_URL = reverse_lazy("login")
LOGIN_REDIRECT_URL = "/dashboard/"
LOGOUT_REDIRECT_URL = reverse_lazy("login")
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("AUTOPACK_SECURE_COOKIES", default=False)
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("AUTOPACK_BEHIND_TLS_PROXY", default=False) else None
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

CSRF_FAILURE_VIEW = "autopack.problems.csrf_failure"

# Bodies: patches travel base64-coded inside JSON. `autopack.body_limit` answers 413 beyond this.
MAX_BODY_BYTES = env.int("AUTOPACK_MAX_BODY_MB", default=64) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "autopack.authentication.ApiKeyAuthentication",
        "autopack.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["autopack.permissions.HasAnyRole"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["autopack.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["autopack.throttling.ActorRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"actor": f"{env.int('AUTOPACK_REQUESTS_PER_MINUTE', default=6000)}/minute"},
    "EXCEPTION_HANDLER": "autopack.problems.drf_exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Autopack",
    "DESCRIPTION": "Governed runs: a plan becomes tested, tagged commits on an integration branch.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["autopack.permissions.HasAnyRole"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PREPROCESSING_HOOKS": ["autopack.api.schema.leave_out_aliases"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "autopack.api.schema.document_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "RunState": "runs_app.api.schema.RUN_STATES",
        "PhaseState": "runs_app.api.schema.PHASE_STATES",
        "TierState": "runs_app.api.schema.TIER_STATES",
        "AttemptState": "runs_app.api.schema.ATTEMPT_STATES",
        "CiRunState": "runs_app.api.schema.CI_RUN_STATES",
        "CiStepState": "runs_app.api.schema.CI_STEP_STATES",
        "EventKind": "runs_app.api.schema.EVENT_KINDS",
        "CiKind": "runs_app.api.schema.CI_KINDS",
        "CiProfile": "runs_app.api.schema.CI_PROFILES",
        "Severity": "runs_app.api.schema.SEVERITIES",
        "BuilderStatus": "runs_app.api.schema.BUILDER_STATUSES",
        "SourceStatus": "catalog_app.api.schema.SOURCE_STATUSES",
        "ScanState": "catalog_app.api.schema.SCAN_STATES",
        "LicenseDecision": "catalog_app.api.schema.LICENSE_DECISIONS",
        "Ownership": "catalog_app.api.schema.OWNERSHIPS",
        "Visibility": "catalog_app.api.schema.VISIBILITIES",
        "CurationState": "catalog_app.api.schema.CURATION_STATES",
        "CurationOrigin": "catalog_app.api.schema.CURATION_ORIGINS",
        "LookupBand": "catalog_app.api.schema.LOOKUP_BANDS",
        "CurationCandidateState": "catalog_app.api.schema.CANDIDATE_STATES",
        "PlanMode": "catalog_app.api.schema.PLAN_MODES",
    },
}

UNFOLD = {
    "SITE_TITLE": "Autopack",
    "SITE_HEADER": "Autopack",
    "SITE_URL": "/dashboard/",
    "SITE_ICON": lambda _request: static("img/logo.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda _request: static("img/logo.svg")}
    ],
    "STYLES": [lambda _request: static("css/admin.css")],
    "SIDEBAR": {"navigation": "autopack.navigation.sidebar"},
    # The indigo of the dashboard.
    "COLORS": {
        "primary": {
            "50": "oklch(96.2% .018 272.314)",
            "100": "oklch(93% .034 272.788)",
            "200": "oklch(87% .065 274.039)",
            "300": "oklch(78.5% .115 274.713)",
            "400": "oklch(67.3% .182 276.935)",
            "500": "oklch(58.5% .233 277.117)",
            "600": "oklch(51.1% .262 276.966)",
            "700": "oklch(45.7% .24 277.023)",
            "800": "oklch(39.8% .195 277.366)",
            "900": "oklch(35.9% .144 278.697)",
            "950": "oklch(25.7% .09 281.288)",
        }
    },
}

# CI runs that one worker runs at the same time.
WORKER_CONCURRENCY = env.int("AUTOPACK_WORKER_CONCURRENCY", default=2)
# Repositories of the catalog that one worker scans at the same time.
SCAN_CONCURRENCY = env.int("AUTOPACK_SCAN_CONCURRENCY", default=2)

# Where repositories of the catalog may be fetched from: hosts (`*.example.org` for those below one, `*` for
# every public one; None for the well-known ones), and folders below which local repositories are.
FETCH_HOSTS = env.list("AUTOPACK_FETCH_HOSTS", default=[]) if "AUTOPACK_FETCH_HOSTS" in env.ENVIRON else None
FETCH_ROOTS = [Path(root).absolute() for root in env.list("AUTOPACK_FETCH_ROOTS", default=[])]
FETCH_PROXY = env.str("AUTOPACK_FETCH_PROXY", default="")
FETCH_TIMEOUT_SECONDS = env.float("AUTOPACK_FETCH_TIMEOUT_SECONDS", default=1800.0)
MIRROR_MAX_BYTES = env.int("AUTOPACK_MIRROR_MAX_MB", default=2048) * 1024 * 1024
# A second opinion on licence texts, if that program is installed on the worker; empty: never.
SCANCODE = env.str("AUTOPACK_SCANCODE", default="scancode")
# How old evidence may become: what was verified once is verified again (0: only when somebody asks), and a
# pin that upstream has moved on from is stale.
REVERIFY_DAYS = env.int("AUTOPACK_REVERIFY_DAYS", default=30)
STALE_AFTER_MONTHS = env.int("AUTOPACK_STALE_AFTER_MONTHS", default=12)

# Imported by whoever defers or runs a task, not by every process that starts.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["autopack.tasks", "catalog_app.tasks", "runs_app.tasks"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("AUTOPACK_LOG_LEVEL", default="INFO")},
    "loggers": {"procrastinate": {"level": "WARNING"}, "httpx": {"level": "WARNING"}},
}
