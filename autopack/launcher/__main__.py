"""`python -m autopack.launcher`, which is `make run`; with `web` or `worker`, one of the two alone."""

import argparse
import os
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopack.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    from autopack.errors import ConfigurationError
    from autopack.launcher.launcher import Launcher, Part

    parser = argparse.ArgumentParser(prog="python -m autopack.launcher", description="Run Autopack.")
    parser.add_argument(
        "part", nargs="?", choices=[part.value for part in Part], default=Part.ALL.value, help="default: all"
    )
    part = Part(parser.parse_args().part)
    try:
        is_embedded = settings.DATABASES["default"]["ENGINE"] == "autopack.embedded.backend"
        home = settings.AUTOPACK_HOME if is_embedded else None
        return Launcher(settings.HOST, settings.PORT, home, part).run()
    except (ConfigurationError, ImproperlyConfigured, OSError) as error:
        sys.stderr.write(f"Autopack cannot start. {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
