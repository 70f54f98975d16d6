"""The only writers of a run's rows.

Every function locks, guards, writes and records its events in one short transaction; git and CI work happens
between transactions, bracketed by an intent and an outcome (DESIGN §4, "Two stores, one truth").
"""
