"""docs/templates.md says what is so."""

from __future__ import annotations

import re

from threads import gallery
from threads.gallery.loading import FOLDER
from threads.rendering import problems
from threads.rendering.templates import FIELD_TYPES

DOCS = FOLDER.parents[2] / "docs"
TEXT = (DOCS / "templates.md").read_text("utf-8")


def row(design: gallery.Design) -> str:
    cells = []
    for field in design.fields:
        name = f"**{field['name']}**" if field["required"] else field["name"]
        most = f" ≤ {field['max_length']}" if field["max_length"] else ""
        source = f", from {field['source']}" if field["source"] else ""
        cells.append(f"{name} ({field['type']}{most}{source})")
    return f"| `{design.slug}` | {' · '.join(cells)} |"


def test_the_manual_lists_the_fields_of_every_design_and_every_type():
    rows = re.findall(r"^\| `[a-z-]+` \| .* \(.*\) \|$", TEXT, re.MULTILINE)
    types = re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", TEXT, re.MULTILINE)

    assert rows == [row(design) for design in gallery.designs()]
    assert types == list(FIELD_TYPES)


def test_the_pictures_of_the_manual_are_there_and_small():
    named = set(re.findall(r'src="(images/templates/[\w-]+\.png)"', TEXT))
    found = {f"images/templates/{file.name}" for file in (DOCS / "images/templates").iterdir()}
    squares = {f"images/templates/{design.slug}-square.png" for design in gallery.designs()}

    assert named == found
    assert squares <= named
    assert max((DOCS / name).stat().st_size for name in named) <= 60_000


def test_the_template_of_the_manual_is_allowed():
    html, css = (re.search(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)[1] for kind in ("html", "css"))
    fields = [
        {"name": "title", "type": "text"},
        {"name": "photo", "type": "image"},
        {"name": "price", "type": "price"},
    ]

    assert problems(html, css, fields) == []
