"""A stand-in for Facebook pages, written from Meta's documentation.

https://developers.facebook.com/docs/pages-api. A token "token-NAME" is a page's own with every
right; "token-user:NAME" is a person's. Control of its own: POST /control/comments {"parent",
"text", "author", "hidden_author"}, /control/metrics {"id", metric: number}, /control/revoke
{"account", "subcode"}, /control/delete {"id"}, /control/mine {"account", "text"} (a post made on
Facebook itself), /control/tags {"account", "text"}, /control/consent {"account", "scopes"},
/control/pages {"pages": [{"name", "tasks"}]}.
"""

from socialhub.tests.support.standins.facebook.network import APP

__all__ = ["APP"]
