"""Imports every admin of the core, so that it is registered."""

from socialhub.admin import (  # noqa: F401
    accounts,
    ai,
    imports,
    interactions,
    links,
    notices,
    operations,
    organisation,
    people,
    posts,
    publications,
    schedules,
    tokens,
    webhooks,
)
