"""What Instagram and Threads have in common: a login of their own that is renewed in time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from django.utils.translation import gettext_noop as _

from socialhub.platforms.base import App, Authorization, Connection, PlatformAdapter, Profile
from socialhub.platforms.errors import AuthRevoked
from socialhub.platforms.meta.graph import Graph
from socialhub.platforms.meta.login import Login


class OwnLoginAdapter(PlatformAdapter):
    """A token of sixty days, through the browser or pasted; once ended it cannot be renewed."""

    login: ClassVar[Login]
    # Of the API, where neither the app nor the settings name one.
    version: ClassVar[str]
    connect_by = frozenset({"oauth", "secret"})
    secret_label = _("Access token")
    remote_ids_are_global = True
    needs_app = True
    refresh_before = timedelta(days=10)

    @abstractmethod
    def profile(self, graph: Graph, secrets: Mapping[str, str]) -> Profile:
        """Whose token the graph has."""

    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        """The token says who it is; `handle` is not needed."""
        token = secret.strip()
        if not token:
            raise AuthRevoked("the access token is empty")
        found = self.profile(Graph(server_url, token, self.version), {})
        return replace(found, secrets=self.login.typed(server_url, token))

    def authorize(
        self, server_url: str, redirect_uri: str, state: str, app: App | None = None
    ) -> Authorization:
        return self.login.start(server_url, redirect_uri, state, app)

    def refresh(self, connection: Connection) -> Mapping[str, str] | None:
        return self.login.refresh(connection)
