"""The documentation names what the code reads."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
READ = re.compile(r"env\.(?:text|flag|number|words|production_secret)\(\s*\"([A-Z_]+)\"")


def test_every_setting_is_documented():
    sources = [ROOT / "socialhub/settings.py", ROOT / "socialhub/settings_unfold.py"]
    read = {name for path in sources for name in READ.findall(path.read_text())}
    documented = (ROOT / "docs/settings.md").read_text()

    assert len(read) > 20
    assert [name for name in sorted(read) if f"`{name}`" not in documented] == []


def test_every_link_between_pages_leads_somewhere():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert broken == []
