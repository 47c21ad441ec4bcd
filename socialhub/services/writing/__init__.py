"""Having texts written. Call through this package: `writing.start_series(user, …)`.

Whoever writes, a person reads it before it goes out: nothing here touches a post.
"""

from socialhub.services.writing.choosing import is_configured, writer
from socialhub.services.writing.limits import Room, room
from socialhub.services.writing.series_job import start_series
from socialhub.services.writing.text_job import TASKS, start_text

__all__ = ["TASKS", "Room", "is_configured", "room", "start_series", "start_text", "writer"]
