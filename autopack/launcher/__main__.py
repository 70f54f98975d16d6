"""`python -m autopack.launcher`, which is `make run`."""

import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopack.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    from autopack.errors import ConfigurationError
    from autopack.launcher.launcher import Launcher

    try:
        is_embedded = settings.DATABASES["default"]["ENGINE"] == "autopack.embedded.backend"
        home = settings.AUTOPACK_HOME if is_embedded else None
        return Launcher(settings.HOST, settings.PORT, home).run()
    except (ConfigurationError, ImproperlyConfigured, OSError) as error:
        sys.stderr.write(f"Autopack cannot start. {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
