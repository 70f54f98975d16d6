"""Plan templates as files, so that a library of them can live in git. Pure."""
