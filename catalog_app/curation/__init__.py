"""Curation runs: from a list of repositories to proposals that a curator decides. Pure.

This is the mission's path outside zero-intervention runs: what is found here is no part of the catalog, and
no plan can reach it, until a curator has accepted it.
"""
