"""Texts into vectors: MiniLM-L6 without a framework, from weights that a package of their own brings."""
