"""LinkedIn: pages, posts in little text, comments, images, statistics, versions, OAuth.

Written from the fact sheet and https://learn.microsoft.com/en-us/linkedin/marketing/.
A token "token-NAME" is a member who administers the page NAME.
"""

from socialhub.tests.support.standin.kit import Reply
from socialhub.tests.support.standin.server import StandIn
from socialhub.tests.support.standins.linkedin import control, login, posts, social
from socialhub.tests.support.standins.linkedin.state import LinkedIn


def _limited(state: LinkedIn, retry_after: int) -> Reply:
    """No header: the limits end at midnight UTC."""
    message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    return Reply({"status": 429, "code": "TOO_MANY_REQUESTS", "message": message}, 429)


# Addresses are tried in order; login first, since it needs no version header.
ROUTES = login.routes
for more in (posts.routes, social.routes):
    ROUTES.all.extend(more.all)

APP = StandIn(LinkedIn(), ROUTES, control=control.routes, limited=_limited)
