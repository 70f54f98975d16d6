"""Readers of the catalog."""
