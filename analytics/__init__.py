"""What publications reached: snapshots, counters, collection."""
