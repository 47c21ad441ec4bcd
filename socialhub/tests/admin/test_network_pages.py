"""A page per network: what it tells, the app it keeps, and what it never shows again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from socialhub.models import AccountGrant, JobRun, NetworkApp
from socialhub.platforms.registry import ADAPTERS
from socialhub.services import accounts, jobs
from socialhub.services.accounts.guides import GUIDES
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db
CONNECT = "/admin/socialhub/account/connect/"
SECRET = "never-to-be-shown-again"


def keep(client, **typed):
    given = {"client_id": "id-1", "client_secret": SECRET, **typed}
    return client.post(f"{CONNECT}linkedin/app/", given, follow=True)


def test_the_first_page_has_a_card_for_every_network(person):
    _user, admin = person("Administrator")

    page = admin.get("/admin/socialhub/account/add/").content.decode()

    assert set(GUIDES) >= set(ADAPTERS)
    for slug, adapter in ADAPTERS.items():
        assert f'href="{CONNECT}{slug}/"' in page
        assert adapter.name in page
    assert "Needs a LinkedIn page you administer and a LinkedIn app." in page


@pytest.mark.parametrize("slug", sorted(ADAPTERS))
def test_each_network_tells_its_steps_and_what_it_takes(person, slug):
    _user, admin = person("Administrator")

    page = admin.get(f"{CONNECT}{slug}/").content.decode()

    adapter = ADAPTERS[slug]
    assert ('name="secret"' in page) == ("secret" in adapter.connect_by)
    assert ('value="oauth"' in page) == ("oauth" in adapter.connect_by)
    assert ('name="client_id"' in page) == adapter.needs_app
    assert (accounts.redirect_uri(slug) in page) == adapter.needs_app
    for scope in GUIDES[slug].scopes:
        assert scope in page


def test_a_secret_of_an_app_is_kept_encrypted_and_never_shown(person):
    user, admin = person("Administrator")

    page = keep(admin).content.decode()

    row = NetworkApp.objects.get()
    assert (row.client_id, row.secrets) == ("id-1", {"client_secret": SECRET})
    assert row.updated_by == user
    assert SECRET not in page
    assert f"by {user}" in page
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM socialhub_networkapp")
        assert SECRET not in str(cursor.fetchall())


def test_a_blank_secret_keeps_the_one_there_is_and_another_app_drops_it(person, settings):
    _user, admin = person("Administrator")
    keep(admin)

    keep(admin, client_secret="", api_version="202612")
    kept = NetworkApp.objects.get()
    keep(admin, client_id="id-2", client_secret="", api_version=settings.LINKEDIN_API_VERSION)
    dropped = NetworkApp.objects.get()

    assert (kept.secrets, kept.options) == ({"client_secret": SECRET}, {"api_version": "202612"})
    # The operator's own version is not written down, so that a newer setting counts.
    assert (dropped.client_id, dropped.secrets, dropped.options) == ("id-2", {}, {})


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"client_id": " "}, "Enter the client id"),
        ({"api_version": "latest"}, "Write the version as the network does"),
    ],
)
def test_an_app_that_cannot_be_is_refused_and_its_secret_not_repeated(person, typed, why):
    _user, admin = person("Administrator")

    page = keep(admin, **typed).content.decode()

    assert why in page
    assert SECRET not in page
    assert not NetworkApp.objects.exists()


def test_an_app_of_the_environment_is_used_and_said_so(person, settings):
    settings.NETWORK_APPS = {"linkedin": ("from-env", SECRET)}
    _user, admin = person("Administrator")

    page = admin.get(f"{CONNECT}linkedin/").content.decode()

    assert "set by the operator" in page
    assert "from-env" in page
    assert SECRET not in page
    assert accounts.shown_app(ADAPTERS["linkedin"]).has_secret


@pytest.mark.parametrize("role", ["Marketer", "Approver", "Analyst"])
def test_apps_are_for_who_connects(person, role):
    _user, client = person(role)

    assert keep(client).status_code == 403
    assert not NetworkApp.objects.exists()


def test_connecting_without_the_app_says_what_is_missing(person):
    _user, admin = person("Administrator")

    page = admin.post(f"{CONNECT}linkedin/", {"way": "oauth"}).content.decode()

    assert "needs a developer app first" in page
    assert not JobRun.objects.exists()


def test_reconnecting_goes_to_the_networks_page_and_stays_with_the_account(person):
    account = AccountFactory(platform="mastodon", server_url="https://m.example", handle="ana")
    _user, admin = person("Administrator")
    other, limited = person("Administrator")
    AccountGrant.objects.create(user=other, account=AccountFactory())

    sent = admin.get(f"{reverse('admin:socialhub_account_add')}?account={account.pk}")
    page = admin.get(sent["Location"]).content.decode()
    hidden = limited.get(f"{CONNECT}mastodon/?account={account.pk}").content.decode()

    assert sent["Location"] == f"{CONNECT}mastodon/?account={account.pk}"
    assert f"Reconnect {account}" in page
    assert f'name="account" value="{account.pk}"' in page
    assert 'value="https://m.example"' in page
    assert "m.example" not in hidden


def test_pages_take_the_same_queries_however_many_accounts_there_are(person):
    _user, admin = person("Administrator")
    admin.get(f"{CONNECT}linkedin/")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            admin.get("/admin/socialhub/account/add/")
            admin.get(f"{CONNECT}linkedin/")
        return len(captured)

    before = queries()
    AccountFactory.create_batch(5)
    assert queries() == before


def test_the_cap_is_asked_only_where_a_network_charges_and_its_change_is_remembered(person):
    user, admin = person("Administrator")
    charging = next(slug for slug, a in ADAPTERS.items() if a.capabilities.prices)
    paid = AccountFactory(platform=charging, handle="paid")
    free = AccountFactory(handle="free")
    slots = {"slots-TOTAL_FORMS": 0, "slots-INITIAL_FORMS": 0}

    address = reverse("admin:socialhub_account_change", args=[paid.pk])
    admin.post(address, {"monthly_cap_usd": "12.50", "audience_timezone": "", **slots})
    refused = admin.post(address, {"monthly_cap_usd": "-1", "audience_timezone": "", **slots})
    other = admin.get(reverse("admin:socialhub_account_change", args=[free.pk]))

    paid.refresh_from_db()
    assert str(paid.monthly_cap_usd) == "12.50"
    assert paid.history.first().history_user == user
    assert refused.status_code == 200
    assert b"monthly_cap_usd" not in other.content


# -- the API --------------------------------------------------------------------------


def test_a_program_keeps_an_app_and_never_reads_its_secret():
    api = client_of(UserFactory(role="Administrator"))

    kept = api.put(
        "/api/network-apps/linkedin/",
        {"client_id": "id-1", "client_secret": SECRET, "options": {"api_version": "202611"}},
    )
    listed = api.get("/api/network-apps/")
    wrong = api.put("/api/network-apps/linkedin/", {"client_id": "i", "options": {"mood": 1}})
    none = api.put("/api/network-apps/sandbox/", {"client_id": "i"})

    assert (kept.status_code, kept.data["has_secret"]) == (200, True)
    rows = {row["platform"]: row for row in listed.data["results"]}
    assert rows["linkedin"]["client_id"] == "id-1"
    assert rows["linkedin"]["options"]["api_version"] == "202611"
    assert set(rows) == {slug for slug, adapter in ADAPTERS.items() if adapter.needs_app}
    assert SECRET not in str(kept.content) + str(listed.content)
    assert (wrong.status_code, list(wrong.data["fields"])) == (400, ["options"])
    assert (none.status_code, list(none.data["fields"])) == (400, ["platform"])


# -- the public address of pictures -----------------------------------------------------


def media_line(user, account):
    checks = jobs.wait(accounts.doctor(account, user), 20).result["checks"]
    return next(check for check in checks if check["code"] == "public_media")


@pytest.fixture
def picky(person):
    """An account of a network that fetches pictures; its own server is not there."""
    user, _client = person("Administrator")
    slug = next(slug for slug, a in ADAPTERS.items() if a.capabilities.fetches_media)
    return user, AccountFactory(platform=slug, server_url="http://127.0.0.1:9", handle="p")


@pytest.mark.django_db(transaction=True)
def test_a_public_address_that_serves_pictures_is_good(picky, live_server, settings):
    settings.PUBLIC_MEDIA_URL = live_server.url
    _nowhere(settings, picky[1])

    line = media_line(*picky)

    assert (line["ok"], line["remedy"]) == (True, "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("address", "listed", "why"),
    [
        ("http://127.0.0.1:9", [], "does not begin with https://"),
        ("https://10.0.0.1", [], "is a private address"),
        ("http://127.0.0.1:9", ["127.0.0.1"], "does not answer this machine"),
    ],
)
def test_an_address_no_network_reaches_is_named_without_its_signature(
    picky, settings, address, listed, why
):
    settings.PUBLIC_MEDIA_URL = address
    settings.SOCIALHUB_ALLOWED_PRIVATE_HOSTS = listed
    _nowhere(settings, picky[1])

    line = media_line(*picky)

    assert line["ok"] is False
    assert why in line["detail"]
    assert "signature" not in str(line)
    assert "PUBLIC_MEDIA_URL" in line["remedy"]


@pytest.mark.django_db(transaction=True)
def test_a_page_that_is_no_picture_is_not_good(picky, live_server, settings):
    settings.PUBLIC_MEDIA_URL = f"{live_server.url}/elsewhere"
    _nowhere(settings, picky[1])

    assert "answers HTTP 404" in media_line(*picky)["detail"]


def test_the_probe_needs_its_signature(client):
    assert client.get("/media/0/").status_code == 404
    assert client.get("/media/0/?expires=99999999999&signature=x").status_code == 404


def _nowhere(settings, account):
    """Nothing of the account's own network is asked outside this machine."""
    setattr(settings, account.adapter.server_setting, "http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("platform", "offered"),
    [("facebook", False), ("instagram", False), ("linkedin", False), ("x", True)],
)
def test_chains_are_offered_only_where_there_are_any(client, platform, offered):
    account = AccountFactory(platform=platform)
    client.force_login(UserFactory(role="Administrator"))
    page = reverse("admin:socialhub_account_change", args=[account.pk])

    assert ('name="threads"' in client.get(page).content.decode()) == offered
    account.overrides = {"threads": True}
    assert account.capabilities.threads == offered
