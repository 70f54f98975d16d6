"""Looking at a repository before anything of it is reused: which commit, under which licence, how well kept.

Pure: no Django, no database. Nothing of a fetched repository is checked out or executed.
"""
