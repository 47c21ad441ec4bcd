"""Posts from a file. Call it through this package: `imports.upload(user, file)`.

A file is checked first (`checking`: nothing is made), then its good rows become drafts
(`making`: each row once, whatever happens to the worker).
"""

from socialhub.services.imports import checking, making, showing
from socialhub.services.imports.sentences import of_file
from socialhub.services.imports.verbs import (
    check_again,
    is_busy,
    job_of,
    prune,
    run,
    upload,
)

__all__ = [
    "check_again",
    "checking",
    "is_busy",
    "job_of",
    "making",
    "of_file",
    "prune",
    "run",
    "showing",
    "upload",
]
