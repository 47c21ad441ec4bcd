"""Signals in, tasks out. Nothing here does work itself."""
