"""What is wanted, and what the catalog has, as a plan. Pure: the same input gives the same bytes."""

PLANNER = "1"
"""Version of the rules that plans are made by. It grows when the same input would give another plan."""
