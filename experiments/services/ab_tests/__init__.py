"""The verbs of an A/B test. Call them through this package: `ab_tests.start(test, user)`.

draft → in_review → approved → running → decided. Plan and variants are approved as one; the
start fixes everything the decision rests on (`starting`), and from then on nothing is edited.
"""

from experiments.services.ab_tests.approval import (
    approve,
    may_approve,
    request_changes,
    submit,
    withdraw,
)
from experiments.services.ab_tests.checking import is_same_twice, problems, validate
from experiments.services.ab_tests.editing_guard import break_test, running_part
from experiments.services.ab_tests.extending import extend
from experiments.services.ab_tests.promoting import promote
from experiments.services.ab_tests.starting import may_start, start
from experiments.services.ab_tests.stopping import stop
from experiments.services.ab_tests.writing import (
    VariantData,
    create,
    delete,
    edit,
    from_post,
    open_test_of,
)

__all__ = [
    "VariantData",
    "approve",
    "break_test",
    "create",
    "delete",
    "edit",
    "extend",
    "from_post",
    "is_same_twice",
    "may_approve",
    "may_start",
    "open_test_of",
    "problems",
    "promote",
    "request_changes",
    "running_part",
    "start",
    "stop",
    "submit",
    "validate",
    "withdraw",
]
