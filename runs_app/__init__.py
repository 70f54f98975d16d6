"""What happens to a plan: runs, phases, governed apply, CI, snapshots."""
