"""The data files: every text names its section, and every key is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crm.standin import schema, wording

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("faults", "load", "pages")


@pytest.mark.parametrize("page", PAGES)
def test_every_text_names_a_section_of_the_facts(page):
    facts = (ROOT / "docs" / "odoo-api.md").read_text("utf-8")
    sections = set(re.findall(r"^## (\d+)\.", facts, re.MULTILINE))

    named = {entry["section"] for entry in wording.entries(page).values()}

    assert named <= sections
    assert named


def test_no_text_is_left_over():
    code = "".join(path.read_text("utf-8") for path in Path(schema.__file__).parent.glob("*.py"))

    unused = [k for page in PAGES for k in wording.entries(page) if f'"{k}"' not in code]

    assert unused == []


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (16, "on model 'm'"),
        (18, "on model 'm'"),
        (19, "in 'm'"),
    ],
)
def test_the_words_of_a_version(version, text):
    fault = wording.fault("unknown_field_write", version, model="m", field="f")

    assert fault.message == f"Invalid field 'f' {text}"
    assert (fault.code, fault.status) == (1, 500)


def test_relations_lead_to_models_that_exist():
    models = schema.everything()

    relations = [
        (model.name, field.relation, field.inverse or "id")
        for model in models.values()
        for field in model.fields.values()
        if field.relation
    ]
    loose = [
        one for one in relations if one[1] not in models or one[2] not in models[one[1]].fields
    ]

    assert loose == []
