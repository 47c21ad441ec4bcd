"""The experiments app in the admin."""

from experiments.admin import ab_tests  # noqa: F401
