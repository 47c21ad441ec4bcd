"""Connecting each network in a browser: the app, the network's own page, the choice, the account.

What the network saw (state, PKCE, rights) is read from its stand-in's log.
"""

from __future__ import annotations

import pytest

from socialhub.models import Account
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import accounts
from socialhub.services.accounts.guides import GUIDES
from socialhub.tests.factories import AccountFactory
from socialhub.tests.support.standin.oauth import CLIENT_ID, CLIENT_SECRET

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CONNECT = "/admin/socialhub/account/connect/"
# X alone has PKCE for apps with a secret.
NETWORKS = {
    "x": {"pkce": True},
    "facebook": {"pkce": False, "pages": ["bakery", "mill"]},
    "instagram": {"pkce": False},
    "meta_threads": {"pkce": False},
    "linkedin": {"pkce": False, "pages": ["bakery", "mill"]},
}


@pytest.fixture
def here(live_server, settings):
    """The installation is reached where the browser is sent back to."""
    settings.PUBLIC_URL = live_server.url
    return live_server.url


def enter_app(page):
    page.fill("#app-client-id", CLIENT_ID)
    page.fill("#app-client-secret", CLIENT_SECRET)
    page.click("text=Keep the app")
    page.wait_for_selector("text=The app is kept")


def to_the_network(page):
    page.click("button[value=oauth]")
    page.click("text=Continue on the network's page")


@pytest.mark.parametrize("slug", NETWORKS)
def test_a_network_is_connected_through_its_own_page(open_as, standins, here, slug):
    server = standins(slug)
    expected = NETWORKS[slug]
    if slug == "facebook":
        every = ["CREATE_CONTENT", "MODERATE", "ANALYZE"]
        server.post("pages", pages=[{"name": one, "tasks": every} for one in expected["pages"]])
    elif "pages" in expected:
        server.mode(pages=expected["pages"])
    page = open_as("Administrator", also=server.base_url)

    page.goto("/admin/socialhub/account/add/")
    page.click(f"a[href='{CONNECT}{slug}/']")
    assert page.input_value("#redirect-uri") == f"{here}/accounts/callback/{slug}/"
    assert page.locator("button[value=oauth]").is_disabled()
    enter_app(page)
    assert CLIENT_SECRET not in page.content()
    to_the_network(page)
    page.click("#allow")
    if "pages" in expected:
        page.wait_for_selector("text=Which ones should SocialHub publish to?")
        page.locator("[name=profiles]").nth(1).focus()
        page.keyboard.press("Space")
        page.click("text=Connect what is ticked")
    page.wait_for_selector("text=is connected")

    account = Account.objects.get()
    assert (account.platform, account.status) == (slug, "active")
    if "pages" in expected:
        assert expected["pages"][1] in account.handle
    [asked] = server.log("authorize")
    [granted] = server.log("granted")
    [token] = server.log("token")
    assert asked["state"] == granted["state"] != ""
    assert asked["redirect_uri"] == f"{here}/accounts/callback/{slug}/"
    assert asked["scopes"] == sorted(GUIDES[slug].scopes)
    assert (asked["method"], token["has_verifier"]) == (
        ("S256", True) if expected["pkce"] else ("", False)
    )
    assert token["verifier_ok"] and token["client_ok"] and token["code_ok"]


def test_mastodon_needs_no_app_and_is_connected_through_its_own_page(open_as, mastodon, here):
    page = open_as("Administrator", also=mastodon.base_url)
    page.goto(f"{CONNECT}mastodon/")

    page.fill("#browser-server", mastodon.base_url)
    to_the_network(page)
    page.wait_for_selector("text=is connected")

    account = Account.objects.get()
    assert (account.platform, account.status) == ("mastodon", "active")
    assert accounts.connection(account).secrets["access_token"]


def test_a_refusal_on_the_networks_page_leads_back_to_ours(open_as, standins, here):
    server = standins("linkedin")
    page = open_as("Administrator", also=server.base_url)
    page.goto(f"{CONNECT}linkedin/")
    enter_app(page)

    to_the_network(page)
    page.click("#deny")
    page.wait_for_selector("text=did not grant access")

    assert page.url == f"{here}{CONNECT}linkedin/"
    assert not Account.objects.exists()


def test_reconnecting_ticks_the_account_and_keeps_it(open_as, standins, here):
    server = standins("linkedin")
    server.mode(pages=["bakery", "mill"])
    [mill] = server.post("roles", account="office", pages={"mill": "ADMINISTRATOR"}).values()
    server.post(
        "roles", account="office", pages={"bakery": "ADMINISTRATOR", "mill": "ADMINISTRATOR"}
    )
    account = AccountFactory(
        platform="linkedin",
        server_url=server.base_url,
        remote_id=mill,
        handle="mill",
        status="needs_reconnect",
    )
    page = open_as("Administrator", also=server.base_url)
    accounts.save_app(page.person, "linkedin", CLIENT_ID, CLIENT_SECRET)

    page.goto(f"/admin/socialhub/account/{account.pk}/change/")
    page.click("a:has-text('Reconnect')")
    to_the_network(page)
    page.click("#allow")
    page.wait_for_selector("text=The one to reconnect is ticked")
    ticked = page.locator("[name=profiles]:checked")
    assert ticked.count() == 1
    assert "connected already" in page.locator(".sh-profile", has=ticked).inner_text()
    page.click("text=Connect what is ticked")
    page.wait_for_selector("text=mill is connected")

    account.refresh_from_db()
    assert account.status == "active"
    assert Account.objects.count() == 1


def test_a_token_is_pasted_where_there_is_no_app(open_as, standins, here):
    server = standins("linkedin")
    page = open_as("Administrator", also=server.base_url)
    page.goto(f"{CONNECT}linkedin/")

    page.click("summary:has-text('Or paste a token')")
    page.fill("#connect-secret", server.token("bakery"))
    page.click("button[value=secret]")
    page.wait_for_selector("text=is connected")

    assert Account.objects.get().handle == "bakery"


@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_fit_a_phone_and_work_without_a_mouse(open_as, standins, here, dark):
    server = standins("linkedin")
    page = open_as("Administrator", width=390, dark=dark, also=server.base_url)
    addresses = ["/admin/socialhub/account/add/"]
    addresses += [f"{CONNECT}{slug}/" for slug in ADAPTERS]

    widths = {}
    for address in addresses:
        page.goto(address)
        widths[address] = page.evaluate("document.documentElement.scrollWidth")

    assert {address: width for address, width in widths.items() if width > 390} == {}
    page.goto(addresses[0])
    page.locator(f"a[href='{CONNECT}linkedin/']").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#app-client-id")


def test_a_page_that_waits_for_the_worker_goes_on_by_itself(open_as, standins, here):
    """The page follows a job that is still at work, and goes where the job leads."""
    server = standins("linkedin")
    page = open_as("Administrator", also=server.base_url)
    accounts.save_app(page.person, "linkedin", CLIENT_ID, CLIENT_SECRET)
    job = accounts.start_oauth(page.person, "linkedin")
    job.refresh_from_db()
    result, state = job.result, job.state
    type(job).objects.filter(pk=job.pk).update(state="running", result=None)

    page.goto(f"{CONNECT}linkedin/?job={job.pk}")
    page.wait_for_selector("text=Asking the network")
    type(job).objects.filter(pk=job.pk).update(state=state, result=result)

    page.wait_for_url(f"{server.base_url}/**")
    assert page.locator("#allow").is_visible()
