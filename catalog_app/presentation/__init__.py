"""Rows into words. No queries."""
