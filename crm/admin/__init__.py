"""The crm app in the admin."""

from crm.admin import catalogue, connections, forms, leads, syncing  # noqa: F401
