"""The stand-in Odoo as a program of the demo."""

from __future__ import annotations

from django.conf import settings

from socialhub.management.commands.demo import Child


def arguments() -> list[str]:
    """`python -m` what, with the demo's port and folder."""
    folder = settings.VAR_DIR / "odoo"
    options = ["--port", str(settings.ODOO_PORT), "--data", str(folder)]
    return ["crm.standin", *options, "--version", "17", "--seed-demo"]


def url() -> str:
    return f"http://127.0.0.1:{settings.ODOO_PORT}"


def children() -> list[Child]:
    line = f"Stand-in Odoo    {url()}/odoo"
    return [Child("odoo", arguments(), {"ODOO_PORT": settings.ODOO_PORT}, line)]
