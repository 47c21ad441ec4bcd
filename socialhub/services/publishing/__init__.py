"""The publishing engine: each publication goes out once, and its state is the true one.

The database is the queue of record and the broker a doorbell (`doorbell`). A worker claims a
row (`claims`), freezes what it will send (`generations`), commits an attempt row (`fence`),
sends, and writes the outcome (`outcomes`). What got no usable answer is never sent again
before a look at the network (`settling`). docs/publishing.md tells the whole story.
"""

from socialhub.services.publishing.claims import claim, reap
from socialhub.services.publishing.doorbell import ring
from socialhub.services.publishing.punctuality import punctuality
from socialhub.services.publishing.sending import publish
from socialhub.services.publishing.sentences import explain, timeline
from socialhub.services.publishing.settling import settle, settle_due
from socialhub.services.publishing.verbs import (
    cancel,
    reschedule,
    resolve,
    retry,
    settle_now,
)

__all__ = [
    "cancel",
    "claim",
    "explain",
    "publish",
    "punctuality",
    "reap",
    "reschedule",
    "resolve",
    "retry",
    "ring",
    "settle",
    "settle_due",
    "settle_now",
    "timeline",
]
