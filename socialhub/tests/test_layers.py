"""Imports point down only. Read from the syntax tree, so that a lazy import counts too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MAY_IMPORT = {
    "socialhub": set(),
    "analytics": {"socialhub"},
    "crm": {"analytics", "socialhub"},
    "experiments": {"analytics", "socialhub"},
    "threads": {"analytics", "socialhub"},
}
# What may know no rows and no tasks, and what has to start without Django.
PLAIN = {"socialhub.models", "socialhub.services", "socialhub.tasks", "celery"}
ALONE = {"django", "celery", "requests"}


def imports(source: str, module: str) -> Iterator[str]:
    """Every module a file imports, wherever in the file, relative names resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".")[: -node.level]
                base = ".".join([*package, base]).strip(".")
            yield from (f"{base}.{name.name}" for name in node.names)


def violations(folder: str, forbidden: set[str], *, skip: str = "/tests/") -> list[str]:
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        relative = path.relative_to(ROOT)
        if skip and skip in f"/{relative}":
            continue
        module = ".".join(relative.with_suffix("").parts)
        for name in imports(path.read_text(encoding="utf-8"), module):
            if any(name == f or name.startswith(f"{f}.") for f in forbidden):
                found.append(f"{relative} imports {name}")
    return found


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_an_app_imports_only_what_lies_below(app):
    assert violations(app, set(MAY_IMPORT) - MAY_IMPORT[app] - {app}, skip="") == []


def test_the_outside_world_knows_neither_rows_nor_tasks():
    assert violations("socialhub/platforms", PLAIN) == []


def test_the_sandbox_network_starts_without_django():
    assert violations("socialhub/sandbox", ALONE) == []


def test_services_do_not_know_admin_api_or_pages():
    outside = {"socialhub.admin", "socialhub.api", "socialhub.views"}

    assert violations("socialhub/services", outside) == []


def test_an_import_inside_a_function_is_seen():
    source = "def f():\n    from ..crm import services\n    import threads.models\n"

    assert list(imports(source, "socialhub.sub.module")) == [
        "socialhub.crm.services",
        "threads.models",
    ]
