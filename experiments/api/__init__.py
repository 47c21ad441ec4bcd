"""The experiments app over HTTP."""
