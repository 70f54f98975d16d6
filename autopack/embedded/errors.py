"""What can go wrong with the embedded database, in words that say what to do."""

from autopack.errors import ConfigurationError


class EmbeddedDatabaseError(ConfigurationError):
    """The embedded PostgreSQL cannot be started or used."""

    code = "embedded_database"
