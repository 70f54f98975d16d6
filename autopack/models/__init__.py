"""Projects and API keys. `autopack.services` are the only writers."""

from autopack.models.keys import ApiKey, ApiKeyProject
from autopack.models.projects import Project

__all__ = ["ApiKey", "ApiKeyProject", "Project"]
