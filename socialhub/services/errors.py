"""What a verb answers when it cannot be done. Admin and API show `message` as it is."""

from __future__ import annotations

from collections.abc import Mapping


class ServiceError(Exception):
    """`code` is stable; `message` says in the user's language what to do; `fields` names inputs."""

    def __init__(
        self, code: str, message: str, fields: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(str(message))
        self.code = code
        self.message = str(message)
        self.fields = {name: [str(m) for m in found] for name, found in (fields or {}).items()}


class Invalid(ServiceError):
    """The input is wrong."""


class Forbidden(ServiceError):
    """The user's role does not allow this."""


class Conflict(ServiceError):
    """The object is in the wrong state, or somebody else changed it first."""
