"""The Django project: settings, projects and keys, errors, embedded database, launcher."""
