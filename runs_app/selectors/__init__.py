"""Reading runs. What an actor may not see does not exist for it (404, never 403)."""
