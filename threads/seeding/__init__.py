"""Demo series and pictures."""
