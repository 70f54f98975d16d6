"""The catalog by REST."""
