"""Starting git, for whoever needs it. Knows no rows and no rules. Pure."""
