"""What is wanted, and what the catalog has, as a plan. Pure: the same input gives the same bytes."""
