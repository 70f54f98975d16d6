"""Why Autopack cannot be started, in one line."""

from autopack.errors import ConfigurationError


class LaunchError(ConfigurationError):
    """Said to the person at the terminal as it is."""

    code = "launch"
