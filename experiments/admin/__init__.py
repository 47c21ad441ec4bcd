"""The experiments app in the admin."""

from experiments.admin import ab_tests, recycling  # noqa: F401
