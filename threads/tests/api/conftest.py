"""Fixtures of the API tests: those of the core."""

from __future__ import annotations

from socialhub.tests.api.conftest import (  # noqa: F401
    _nobody_asked_before,
    admin,
    analyst,
    approver,
    as_role,
    marketer,
)
