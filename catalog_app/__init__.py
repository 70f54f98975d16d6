"""What can be reused and how it becomes a plan."""
