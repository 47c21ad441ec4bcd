"""The OpenAPI document names exactly what the answers hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from analytics.tests.measured import ask, client, measured
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db

READS = ("dashboard", "timeseries", "top-posts", "optimal-times", "accounts")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)


def operation(document, address: str) -> dict[str, Any]:
    return document["paths"][f"/api/analytics/{address}/"]["get"]


def missing(document, schema: dict[str, Any], value: Any, where: str = "") -> list[str]:
    """Names of the answer that the schema lacks, and required ones that the answer lacks."""
    schema = resolved(document, schema)
    if isinstance(value, list):
        return [name for one in value for name in missing(document, schema["items"], one, where)]
    if not isinstance(value, dict):
        return []
    if "properties" not in schema:
        inner = schema["additionalProperties"]
        return [name for one in value.values() for name in missing(document, inner, one, where)]
    known = schema["properties"]
    wrong = set(value) - set(known) | set(schema.get("required", ())) - set(value)
    found = [f"{where}.{name}" for name in sorted(wrong)]
    for name in set(value) & set(known):
        found += missing(document, known[name], value[name], f"{where}.{name}")
    return found


def resolved(document, schema: dict[str, Any]) -> dict[str, Any]:
    for part in schema.get("allOf", [schema]):
        if "$ref" in part:
            return document["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return schema


@pytest.mark.parametrize("kind", ["published", "happened"])
@pytest.mark.parametrize("address", READS)
def test_the_document_names_what_the_answer_holds(document, address, kind):
    account = AccountFactory()
    at = timezone.now() - timedelta(days=3)
    measured(account, at, counters={"likes": 3, "impressions": 200})

    found = ask(address, **({"kind": kind} if address == "timeseries" else {}))

    content = operation(document, address)["responses"]["200"]["content"]
    assert missing(document, content["application/json"]["schema"], found) == []


@pytest.mark.parametrize("address", [*READS, "export"])
def test_every_parameter_of_the_document_is_taken(document, address):
    given = {
        "days": 7,
        "platform": "sandbox",
        "content_type": "text",
        "kind": "happened",
        "by": "engagements",
        "limit": 3,
        "worst": "true",
        "minimum": 5,
        "timezone": "Europe/Madrid",
        "format": "csv",
        "what": "days",
    }
    names = {one["name"] for one in operation(document, address)["parameters"]}
    caller = client()

    answer = caller.get(
        f"/api/analytics/{address}/", {name: given[name] for name in names & set(given)}
    )

    assert answer.status_code == 200, answer.content
    # One more is taken by another address only.
    for other in set(given) - names:
        assert caller.get(f"/api/analytics/{address}/", {other: given[other]}).status_code == 400
    assert names - set(given) == {"from", "to", "account", "campaign"}
