"""The only writers of the catalog."""
