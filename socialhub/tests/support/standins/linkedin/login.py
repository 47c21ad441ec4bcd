"""Consent, tokens, and who administers what."""

from __future__ import annotations

from typing import Any

from socialhub.tests.support.standin.kit import JSON, Call, Refusal, Reply, Routes
from socialhub.tests.support.standins.linkedin import state as data

routes = Routes()
YEAR = 365 * 86_400


@routes("GET", r"/oauth/v2/authorization", "authorize")
def authorize(call: Call) -> Reply:
    return call.state.oauth.consent(call)


@routes("POST", r"/oauth/v2/accessToken", "token")
def token(call: Call) -> JSON:
    state: data.LinkedIn = call.state
    if call.headers.get("content-type") != "application/x-www-form-urlencoded":
        raise Refusal(400, {"error": "invalid_request", "error_description": "not a form"})
    if call.given("grant_type") == "refresh_token":
        return _refresh(call)
    found = state.oauth.take_code(call, client_ok=state.oauth.client_in_body(call))
    account, scopes = found["account"], found["scopes"]
    answer = _access(state, account, scopes)
    if state.mode["refresh_tokens"]:
        answer["refresh_token"] = state.oauth.issue_refresh(account, scopes)
        answer["refresh_token_expires_in"] = YEAR
    return answer


def _refresh(call: Call) -> JSON:
    """LinkedIn's refresh token stays the same and keeps its end."""
    state: data.LinkedIn = call.state
    if not state.oauth.client_in_body(call):
        raise Refusal(401, {"error": "invalid_client", "error_description": "Client auth failed"})
    known = state.oauth.refresh.get(call.given("refresh_token"))
    if known is None or known["account"] in state.oauth.revoked:
        state.note("refresh", old=(known or {}).get("number"), new=None)
        raise Refusal(400, {"error": "invalid_grant", "error_description": "Revoked"})
    state.note("refresh", old=known["number"], new=known["number"])
    answer = _access(state, known["account"], known["scopes"])
    return {**answer, "refresh_token": call.given("refresh_token"), "refresh_token_expires_in": 900}


def _access(state: data.LinkedIn, account: str, scopes: Any) -> JSON:
    seconds = state.mode["access_seconds"]
    return {
        "access_token": state.oauth.issue(state, account, scopes, seconds=seconds),
        "expires_in": seconds,
        "scope": ",".join(sorted(scopes)),
    }


@routes("GET", r"/rest/organizationAcls", "me")
def roles(call: Call) -> JSON:
    grant = data.checked(call, "rw_organization_admin", "r_organization_admin")
    if call.query.get("q") != "roleAssignee":
        raise data.refuse(400, "ILLEGAL_ARGUMENT", "unknown finder")
    return {
        "paging": {"start": 0, "count": 100},
        "elements": [
            {
                "organization": call.state.page(name),
                "role": role,
                "roleAssignee": f"urn:li:person:{grant.account}",
                "state": "APPROVED",
            }
            for name, role in call.state.roles_of(grant.account).items()
        ],
    }


@routes("GET", r"/rest/organizations", "organizations")
def organizations(call: Call) -> JSON:
    data.checked(call, "rw_organization_admin", "r_organization_admin")
    found = {}
    for number in data.ids(call):
        name = call.state.pages.get(data.ORGANIZATION + number)
        if name is not None:
            found[number] = {
                "id": int(number),
                "vanityName": name,
                "localizedName": name.replace("-", " ").title(),
            }
    return {"results": found, "statuses": {}, "errors": {}}
