"""What the generated OpenAPI description says besides the views themselves."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

METHODS = ("get", "post", "put", "patch", "delete")
ERROR = {
    "type": "object",
    "properties": {
        "type": {"type": "string", "description": "A stable code."},
        "title": {"type": "string"},
        "detail": {"type": "string", "description": "What is wrong and what to do."},
        "fields": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "required": ["type", "title", "detail", "fields"],
}


def add_errors(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """drf-spectacular hook: every operation may answer with the one shape of errors."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR
    answer = {
        "description": "What went wrong.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    for operations in result["paths"].values():
        for method in METHODS:
            if method in operations:
                operations[method]["responses"].setdefault("4XX", answer)
    return result


class TokenScheme(OpenApiAuthenticationExtension):
    """How tokens are described; known as soon as this module is loaded."""

    target_class = "socialhub.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
