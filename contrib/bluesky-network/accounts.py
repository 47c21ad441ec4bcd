#!/usr/bin/env python3
"""Create accounts on the loopback Bluesky network.

    python3 accounts.py alice.test bob.test

prints one line of JSON per account. Handles end in .test, with 3 to 18 characters
before it; the network asks for no invite code.
"""

import json
import os
import secrets
import sys
import urllib.error
import urllib.request

# A proxy from the environment could not reach this machine's loopback.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(url: str, data: dict | None = None, token: str | None = None) -> dict:
    """POST `data` as JSON, or GET without it."""
    request = urllib.request.Request(url)
    if data is not None:
        request.data = json.dumps(data).encode()
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with _opener.open(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as exc:
        # The reason is in the body: {"error": ..., "message": "Handle already taken: ..."}
        exc.add_note(exc.read().decode(errors="replace"))
        raise


def process(control: str) -> None:
    """Return when the AppView has indexed everything the PDS has sent."""
    request = urllib.request.Request(f"{control}/process", method="POST")
    with _opener.open(request, timeout=30):
        pass


def create_account(pds: str, control: str, handle: str) -> dict:
    """A new account: handle, did, password and an app password."""
    password = secrets.token_urlsafe(16)
    session = call(
        f"{pds}/xrpc/com.atproto.server.createAccount",
        {
            "handle": handle,
            "email": f"{handle.partition('.')[0]}@example.com",
            "password": password,
        },
    )
    app_password = call(
        f"{pds}/xrpc/com.atproto.server.createAppPassword",
        {"name": "socialhub"},
        token=session["accessJwt"],
    )
    process(control)
    return {
        "handle": session["handle"],
        "did": session["did"],
        "password": password,
        "app_password": app_password["password"],
    }


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        account = create_account(
            os.environ.get("BLUESKY_PDS", "http://localhost:2583"),
            os.environ.get("BLUESKY_CONTROL", "http://localhost:2580"),
            name,
        )
        print(json.dumps(account))
