"""The verbs of a series. Call them through this package: `series.approve(row, user)`."""
