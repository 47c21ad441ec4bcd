"""The verbs of a post. Call them through this package: `posts.approve(post, user)`."""

from socialhub.services.posts.approval import approve, request_changes, submit, withdraw
from socialhub.services.posts.planning import queue, schedule
from socialhub.services.posts.writing import (
    archive,
    count,
    create,
    delete,
    edit,
    problems,
    validate,
)

__all__ = [
    "approve",
    "archive",
    "count",
    "create",
    "delete",
    "edit",
    "problems",
    "queue",
    "request_changes",
    "schedule",
    "submit",
    "validate",
    "withdraw",
]
