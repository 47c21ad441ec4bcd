"""Who may call what: every action of a view names its verb, the role decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from socialhub import policies
from socialhub.models import ApiToken

if TYPE_CHECKING:
    # rest_framework.views itself loads this module, by the settings.
    from rest_framework.views import APIView


class RolePermission(BasePermission):
    """A view says `verbs = {action or method: verb}` with verbs of `policies.PERMISSIONS`; of
    several verbs one is enough.

    Reading needs "view" where nothing is said; a change without a verb is refused. A POST that
    stores nothing, named in `changes_nothing`, is open to tokens that may only read. Rows are
    narrowed by `visible_to` in the view's queryset, so that others answer 404.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        user = request.user
        if not (user and user.is_authenticated):
            return False
        if _has_no_handler(request, view):
            # 405 is the better answer, and it follows.
            return True
        verbs = verbs_for(request, view)
        if not _only_reads(request, view, verbs):
            _require_writable_token(request)
        if not any(policies.can(user, verb) for verb in verbs):
            raise PermissionDenied(_("Your role does not allow this. Ask an administrator."))
        return True


def verbs_for(request: Request, view: APIView) -> tuple[str, ...]:
    """The verbs of which this request needs one; () for a change that names none."""
    method = (request.method or "").lower()
    verbs = getattr(view, "verbs", {})
    # Not view.action: OPTIONS and the browsable API ask about other methods than their own.
    action = getattr(view, "action_map", {}).get(method)
    found = verbs.get(action) or verbs.get(method)
    if not found:
        return ("view",) if request.method in SAFE_METHODS else ()
    return (found,) if isinstance(found, str) else tuple(found)


def _has_no_handler(request: Request, view: APIView) -> bool:
    action_map = getattr(view, "action_map", None)
    method = (request.method or "").lower()
    if method == "options":
        return False
    return method not in action_map if action_map is not None else not hasattr(view, method)


def _only_reads(request: Request, view: APIView, verbs: tuple[str, ...]) -> bool:
    method = (request.method or "").lower()
    action = getattr(view, "action_map", {}).get(method, method)
    stateless = action in getattr(view, "changes_nothing", ())
    return request.method in SAFE_METHODS or verbs == ("view",) or stateless


def _require_writable_token(request: Request) -> None:
    token: Any = request.auth
    if isinstance(token, ApiToken) and not token.can_write:
        raise PermissionDenied(
            _("This token may only read. Use one that may change things."), code="read_only_token"
        )
