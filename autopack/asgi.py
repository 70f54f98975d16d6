"""The web server's entry: Django behind the limit on bodies."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopack.settings")
_django = get_asgi_application()

# Settings and what needs them can be imported only now.
from django.conf import settings  # noqa: E402

from autopack.body_limit import BodyLimit  # noqa: E402

application = BodyLimit(_django, limit_bytes=settings.MAX_BODY_BYTES)
