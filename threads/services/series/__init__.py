"""The verbs of a thread series. Call them through this package: `series.approve(row, user)`.

A series is written, approved, scheduled and resumed as one. Each part has its post and a
publication per account from the first save on (`materialising`); the publishing engine sends
them one after the other, and nothing here sends anything.
"""

from threads.services.series.approval import (
    approve,
    may_approve,
    request_changes,
    submit,
    withdraw,
)
from threads.services.series.checking import (
    preview,
    preview_of,
    problems,
    problems_of,
    validate,
)
from threads.services.series.composing import text_of
from threads.services.series.continuing import cancel, resume
from threads.services.series.data import (
    AccountChoice,
    AccountPreview,
    PartData,
    PartPreview,
    Resumed,
    SeriesProblem,
)
from threads.services.series.materialising import materialise
from threads.services.series.pictures import render_pictures
from threads.services.series.planning import schedule
from threads.services.series.writing import archive, create, delete, edit, reorder

__all__ = [
    "AccountChoice",
    "AccountPreview",
    "PartData",
    "PartPreview",
    "Resumed",
    "SeriesProblem",
    "approve",
    "archive",
    "cancel",
    "create",
    "delete",
    "edit",
    "materialise",
    "may_approve",
    "preview",
    "preview_of",
    "problems",
    "problems_of",
    "render_pictures",
    "reorder",
    "request_changes",
    "resume",
    "schedule",
    "submit",
    "text_of",
    "validate",
    "withdraw",
]
