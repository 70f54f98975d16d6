"""Which feature of a catalog a request means, in whatever words: ranked, with evidence, or that it has none.
Pure."""
