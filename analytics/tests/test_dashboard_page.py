"""The dashboard as a page: what it says, what it keeps, and what one broken table leaves whole."""

from __future__ import annotations

import hashlib
import html
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analytics.models import AccountMetrics, AnalyticsReport
from analytics.services import accounting
from analytics.tests.shop import Shop
from analytics.views.panels import PANELS
from socialhub.models import AccountGrant, PayloadGeneration, PublicationAttempt
from socialhub.tests.factories import (
    CampaignFactory,
    InteractionFactory,
    PostFactory,
    UserFactory,
)

MADRID = ZoneInfo("Europe/Madrid")
# A Thursday.
NOW = datetime(2026, 11, 26, 12, tzinfo=MADRID)
PAGE = "/admin/analytics/"
EAGER = [name for name, panel in PANELS.items() if not panel.is_lazy]
LAZY = [name for name, panel in PANELS.items() if panel.is_lazy]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def shop(_noon, db):
    return Shop(NOW)


def logged_in(role: str = "Analyst", *grants) -> Client:
    user = UserFactory(role=role)
    for account in grants:
        AccountGrant.objects.create(user=user, account=account)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def words(fragment: str) -> str:
    """What a person reads."""
    without = re.sub(r'<span class="sh-visually-hidden">.*?</span>', "", fragment, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without)).split())


def cards(page: str) -> dict[str, str]:
    found = re.findall(r'data-card="(\w+)">(.*?)</div>', page, flags=re.S)
    return {name: words(card) for name, card in found}


def rows(fragment: str) -> list[str]:
    body = re.search(r"<tbody>(.*?)</tbody>", fragment, flags=re.S)
    return [words(row) for row in re.findall(r"<tr>(.*?)</tr>", body[1], flags=re.S)]


def panel(client: Client, name: str, query: str = "", **headers):
    return client.get(f"/admin/analytics/panel/{name}/?{query}", headers=headers)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


# -- what it says ----------------------------------------------------------------------------


def test_cards_are_lifetime_numbers_and_what_happened_with_its_change(shop):
    account = shop.account()
    # Measuring began before the period before.
    shop.publish(account, at=ago(70), clicks=1)
    shop.publish(account, at=ago(40), likes=8, comments=2, impressions=1000)
    old = shop.publish(account, at=ago(39), likes=10, impressions=500)
    shop.publish(account, at=ago(3), likes=20, comments=5, shares=5, impressions=1500)
    shop.read(old, at=ago(2), likes=12, impressions=600)

    page = logged_in().get(PAGE).text

    # 1,500 of the new post; 100 more came to the old one; 1,500 were there before.
    assert cards(page) == {
        "posts": "Posts 1 1 publication ▼ 50 %",
        "impressions": "Impressions 1,500 1,600 in the last 30 days ▲ 6.7 %",
        "engagements": "Engagements 30 32 in the last 30 days ▲ 60 %",
        "engagement_rate": "Engagement rate 2.00 % engagements per 100 impressions",
        "likes": "Likes 20 22 in the last 30 days ▲ 22 %",
        "comments": "Comments 5 5 in the last 30 days ▲ 150 %",
        "shares": "Shares 5 5 in the last 30 days not enough data",
        "clicks": "Clicks – not enough data",
    }
    assert (
        "1 post in the last 30 days reached 1,500 impressions; "
        "engagement is up 60 % on the 30 days before." in words(page)
    )


def test_missing_is_a_dash_with_the_reason_never_zero(shop):
    shop.publish(shop.account(), likes=0)

    page = logged_in().get(PAGE).text

    found = cards(page)
    assert (found["likes"][:7], found["impressions"][:13]) == ("Likes 0", "Impressions –")
    assert found["engagement_rate"].startswith("Engagement rate –")
    assert 'title="The network does not report this.">–' in page
    assert "1 post in the last 30 days got 0 engagements; there is not enough data" in page


def test_a_post_on_two_networks_is_one_post(shop):
    post = PostFactory(approved=True)
    for platform in ("mastodon", "bluesky"):
        shop.publish(shop.account(platform), post=post, likes=1)

    assert cards(logged_in().get(PAGE).text)["posts"].startswith("Posts 1 2 publications")


def test_series_has_both_kinds_and_null_for_what_is_not_known(shop):
    # Out at half past eleven at night, read after midnight.
    late = datetime(2026, 11, 24, 23, 30, tzinfo=MADRID)
    shop.publish(shop.account(), at=late, likes=7)

    page = logged_in().get(PAGE, {"from": "2026-11-23", "to": "2026-11-26"}).text

    found = re.search(r'id="an-series-data" type="application/json">(.*?)</script>', page)
    data = json.loads(found[1])
    assert data["days"] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
    assert data["publications"] == [0, 1, 0, 0]
    assert data["published"]["likes"] == [None, 7, None, None]
    # Measuring began on the 25th.
    assert data["happened"]["likes"] == [None, None, 7, 0]
    assert data["happened"]["impressions"] == [None] * 4


def test_series_kinds_are_named_so_that_nobody_confuses_them(shop):
    shop.publish(shop.account(), likes=7)

    page = logged_in().get(PAGE, {"series": "happened"}).text

    switches = re.findall(r'aria-pressed="(\w+)"[^>]*>([^<]+)<', page)
    assert switches == [
        ("false", "Lifetime numbers of posts published that day"),
        ("true", "Engagement that happened that day"),
    ]


def test_networks_are_bars_of_their_engagements(shop):
    shop.publish(shop.account("mastodon"), likes=40, impressions=1000)
    shop.publish(shop.account("bluesky"), likes=10)

    page = logged_in().get(PAGE).text

    networks = page[page.index('id="an-platforms"') : page.index('id="an-types"')]
    assert rows(networks) == ["Bluesky 10 – – 1", "Mastodon 40 1,000 4.00 % 1"]
    assert re.findall(r"width: ([\d.]+)%", networks) == ["25.0", "100.0"]


def test_heatmap_is_in_local_hours_with_n_and_faint_where_little_is_known(shop):
    account = shop.account()
    for week in (1, 2, 3):
        # 09:30 in Madrid, half past eight UTC.
        tuesday = datetime(2026, 11, 24, 9, 30, tzinfo=MADRID) - timedelta(weeks=week - 1)
        shop.publish(account, at=tuesday, likes=3, impressions=100)
    shop.publish(account, at=datetime(2026, 11, 22, 23, 5, tzinfo=MADRID), likes=9, impressions=100)

    page = logged_in().get(PAGE).text

    assert 'title="Tuesday 09:00–10:00: 3.00 %, 3 publications" class="an-level-1"' in page
    assert 'title="Sunday 23:00–00:00: 9.00 %, 1 publication" class="an-level-3 is-faint"' in page
    assert page.count(": nothing published</span>") == 166
    assert page.index('title="Monday">') < page.index('title="Sunday">')
    assert "Europe/Madrid" in page


def test_hours_without_impressions_are_compared_by_engagements(shop):
    shop.publish(shop.account(), at=ago(1), likes=5)

    page = logged_in().get(PAGE).text

    assert "Wednesday 12:00–13:00: 5.00 engagements per publication, 1 publication" in page


def test_top_posts_say_the_rule_and_leave_out_what_too_few_saw(shop):
    account = shop.account()
    shop.publish(account, text="Seen often", likes=10, impressions=100)
    shop.publish(account, text="Seen more often", likes=10, impressions=400)
    shop.publish(account, text="Seen by a handful", likes=10, impressions=99)

    client = logged_in()
    best, worst = panel(client, "top").text, panel(client, "top", "order=worst").text

    assert [row.split(" " + account.handle)[0] for row in rows(best)] == [
        "notes Seen often",
        "notes Seen more often",
    ]
    assert [row.split(" " + account.handle)[0] for row in rows(worst)] == [
        "notes Seen more often",
        "notes Seen often",
    ]
    assert "Only posts seen at least 100 times" in best
    assert rows(best)[0].endswith("25 Nov 2026, 12:00 100 10 10.00 % open_in_new")


def test_top_posts_by_engagements_need_no_impressions(shop):
    shop.publish(shop.account(), text="Liked a lot", likes=10)

    page = panel(
        logged_in(), "top", "by=engagements", **{"hx-request": "true", "hx-trigger-name": "view"}
    )

    assert "Liked a lot" in page.text
    assert "Only posts seen" not in page.text
    assert page.headers["HX-Replace-Url"] == "/admin/analytics/?by=engagements"


def test_comments_to_answer_lead_to_the_inbox(shop):
    row = InteractionFactory(author_handle="ana", text="Do you ship?", created_at=ago(3))
    InteractionFactory(answered_at=NOW)

    page = logged_in("Marketer").get(PAGE).text

    pending = words(page[page.index('id="an-pending"') : page.index('id="an-costs"')])
    assert "1 comment waits, the oldest since 3 days ago" in pending
    assert f'href="/admin/inbox/?i={row.pk}">ana: Do you ship?' in page


def test_accounts_show_followers_and_narrow_the_page(shop):
    account = shop.account(handle="shop@social.example")
    shop.publish(account, likes=4, impressions=200)
    for days, followers in ((40, 100), (1, 130)):
        AccountMetrics.objects.create(
            account=account, local_day=ago(days).date(), followers=followers, collected_at=NOW
        )

    found = panel(logged_in(), "accounts").text

    assert rows(found) == ["shop@social.example (Mastodon) 4 200 2.00 % 1 130 +30"]
    assert f'href="/admin/analytics/?account={account.pk}"' in found


def test_campaigns_include_posts_without_one(shop):
    account, campaign = shop.account(), CampaignFactory(name="Harvest")
    shop.publish(account, campaign=campaign, likes=4)
    shop.publish(account, likes=1)

    found = panel(logged_in(), "campaigns").text

    assert sorted(rows(found)) == ["Harvest 4 – – 1", "no campaign 1 – – 1"]


def test_costs_count_requests_and_failures(shop):
    account = shop.account()
    accounting.note(account.pk, NOW, calls=12, failed_calls=2, readings=30)

    found = panel(logged_in(), "costs").text

    assert rows(found) == ["Mastodon 12 2 failed 30 free of charge"]


def test_punctuality_is_measured_from_what_was_sent(shop):
    row = shop.publish(shop.account())
    row.due_at = row.published_at - timedelta(seconds=4)
    row.save()
    generation = PayloadGeneration.objects.create(
        publication=row,
        number=1,
        content_hash=row.post.content_hash,
        client_key=uuid4(),
        text=row.post.text,
        body={},
        frozen_at=row.published_at,
    )
    PublicationAttempt.objects.create(
        publication=row,
        generation=generation,
        number=1,
        claim_token=uuid4(),
        started_at=row.published_at,
        outcome="accepted",
    )

    found = words(panel(logged_in(), "punctuality").text)

    assert "Half of the posts within 4.0 s 95 % within 4.0 s" in found
    assert "1 publication of the last 30 days" in found


def test_best_times_say_aloud_that_there_is_little_data(shop):
    shop.publish(shop.account(), likes=4, impressions=200)

    found = words(panel(logged_in(), "best-times").text)

    assert "not enough to tell good hours from lucky ones" in found
    assert "a guess" in found
    assert "strong" not in found
    assert "Times in Europe/Madrid." in found


def test_a_new_installation_teaches(shop):
    client = logged_in()
    page = client.get(PAGE)

    assert "Nothing was published in the last 30 days" in page.text
    assert "Nothing has been measured yet" in page.text
    empty = {name: 'class="sh-empty"' in panel(client, name).text for name in PANELS}
    assert empty == {name: name != "numbers" for name in PANELS}


# -- what it is asked --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"days": "0"}, "Days “0”: Enter a whole number from 1 to 1830."),
        ({"days": "99999"}, "Days “99999”: Enter a whole number from 1 to 1830."),
        (
            {"from": "2026-11-20", "to": "2026-11-01"},
            "To “2026-11-01”: The last day must not be before the first day.",
        ),
        ({"from": "yesterday"}, "From “yesterday”: Enter a day like 2026-11-30."),
        ({"platform": "myspace"}, "Network “myspace”: “myspace” is unknown."),
        ({"account": "77"}, "Account “77”: There is no such account."),
        ({"series": "both"}, "series “both”: Choose one of: published, happened."),
    ],
)
def test_what_cannot_be_used_is_said_and_kept(shop, query, sentence):
    answer = logged_in().get(PAGE, query)

    assert answer.status_code == 400
    assert sentence in words(answer.text)
    assert "an-panel" not in answer.text
    for name, value in query.items():
        if name in ("from", "to", "platform", "account"):
            kept = re.search(
                rf'name="{name}"[^>]*value="{value}"|<option value="{value}" selected', answer.text
            )
            assert kept, name


def test_filters_narrow_and_stay_in_the_address(shop):
    campaign = CampaignFactory()
    account = shop.account("bluesky")
    shop.publish(account, campaign=campaign, content_type="image", likes=3)
    shop.publish(shop.account("mastodon"), likes=50)
    asked = {
        "days": "7",
        "platform": "bluesky",
        "account": account.pk,
        "campaign": campaign.pk,
        "content_type": "image",
        "by": "",
    }

    answer = logged_in().get(PAGE, asked, headers={"hx-request": "true"})

    assert cards(answer.text)["likes"].startswith("Likes 3")
    assert answer.headers["HX-Push-Url"] == (
        f"/admin/analytics/?days=7&platform=bluesky&account={account.pk}"
        f"&campaign={campaign.pk}&content_type=image"
    )
    assert answer.text.lstrip().startswith('<div id="an-main"')
    assert len(re.findall(r"<option [^>]*selected", answer.text)) == 5
    assert "HX-Request" in answer.headers["Vary"]


def test_a_refresh_leaves_the_address_alone(shop):
    headers = {"hx-request": "true", "hx-trigger": "an-refresh"}

    answer = logged_in().get(PAGE, headers=headers)

    assert "HX-Push-Url" not in answer.headers
    swapped = re.search(r'hx-select-oob="([^"]+)"', answer.text)[1]
    assert swapped.split(",") == ["#an-lead", "#an-poll", *(f"#an-{name}" for name in EAGER)]


def test_the_download_is_of_the_same_selection(shop):
    page = logged_in().get(PAGE, {"days": "7", "platform": "mastodon"}).text

    links = re.findall(r'href="(/api/analytics/export/[^"]+)"', page)
    query = "from=2026-11-20&amp;to=2026-11-26&amp;platform=mastodon"
    assert links == [
        f"/api/analytics/export/?{query}&amp;format=csv",
        f"/api/analytics/export/?{query}&amp;format=xlsx",
    ]


# -- how it is read ----------------------------------------------------------------------------


def _queries(client: Client, url: str, **query) -> list[str]:
    client.get(url, query)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url, query).status_code in (200, 204, 400)
    return [one["sql"] for one in captured.captured_queries]


@pytest.mark.parametrize("number", [1, 3])
def test_all_panels_together_take_seven_queries(shop, number):
    for _n in range(number):
        row = shop.publish(shop.account(), campaign=CampaignFactory(), likes=3, impressions=200)
        InteractionFactory(publication=row)
    client = logged_in("Marketer")

    # Without figures it reads the session, the person, the organisation and the lists.
    around = _queries(client, PAGE, days="0")
    page = _queries(client, PAGE)

    assert len(page) - len(around) == 7
    assert len(around) == 11


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_by_itself_takes_the_same_queries_for_more_rows(shop, name):
    client, counts = logged_in("Marketer"), []
    for _n in range(2):
        row = shop.publish(shop.account(), campaign=CampaignFactory(), likes=3, impressions=200)
        InteractionFactory(publication=row)
        counts.append(len(_queries(client, f"/admin/analytics/panel/{name}/")))

    assert counts[0] == counts[1]


def test_only_slow_panels_load_after_the_page(shop):
    page = logged_in().get(PAGE).text

    waiting = re.findall(r'id="an-([\w-]+)"\s+class="sh-card an-panel.*?"', page)
    assert waiting == list(PANELS)
    assert LAZY == ["best-times", "campaigns", "punctuality", "accounts", "costs"]
    assert page.count('hx-trigger="load"') == len(LAZY) == page.count('aria-busy="true"')


def test_each_panel_defines_itself(shop):
    page = logged_in().get(PAGE).text

    for name, one in PANELS.items():
        details = page[page.index(f'id="an-{name}-help"') :]
        assert str(one.explained) in html.unescape(details[: details.index("</details>")])


def test_the_page_hears_when_figures_moved(shop):
    client = logged_in()
    row = shop.publish(shop.account(), likes=1)
    version = re.search(r"version/\?have=(\d+)", client.get(PAGE).text)[1]
    url = reverse("admin:analytics-version")

    same = client.get(url, {"have": version})
    shop.read(row, at=NOW, likes=2)
    moved = client.get(url, {"have": version})

    assert (same.status_code, same.headers.get("HX-Trigger")) == (204, None)
    assert (moved.status_code, moved.headers.get("HX-Trigger")) == (204, "an:moved")


def test_hearing_takes_one_query(shop):
    tables = [
        sql
        for sql in _queries(logged_in(), "/admin/analytics/version/", have="1")
        if '"analytics_' in sql
    ]

    assert len(tables) == 1


@pytest.mark.django_db(transaction=True)
def test_a_table_that_cannot_be_read_spoils_only_its_panels(shop):
    shop.publish(shop.account(), likes=3, impressions=200)
    client = logged_in()
    rename = "ALTER TABLE {} RENAME TO {}"
    with connection.cursor() as cursor:
        cursor.execute(rename.format("analytics_hourrollup", "analytics_elsewhere"))

    try:
        page = client.get(PAGE)
        status = {name: panel(client, name).status_code for name in PANELS}
        numbers = panel(client, "numbers").text
    finally:
        with connection.cursor() as cursor:
            cursor.execute(rename.format("analytics_elsewhere", "analytics_hourrollup"))

    # Each panel then loads itself.
    assert page.status_code == 200
    assert page.text.count('aria-busy="true"') == len(PANELS)
    assert status == {name: 500 if name == "heatmap" else 200 for name in PANELS}
    assert cards(numbers)["likes"].startswith("Likes 3")


# -- who sees what -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "version/", "panel/numbers/"])
def test_somebody_without_a_role_is_refused(shop, path):
    assert logged_in("").get(PAGE + path).status_code == 403
    assert Client().get(PAGE + path).status_code == 302


def test_people_limited_to_accounts_see_only_those(shop):
    own, other = shop.account(handle="own"), shop.account(handle="other")
    shop.publish(own, likes=3)
    shop.publish(other, likes=100)
    client = logged_in("Analyst", own)

    page = client.get(PAGE).text

    assert cards(page)["likes"].startswith("Likes 3")
    assert "other (Mastodon)" not in page
    assert rows(panel(client, "accounts").text) == ["own (Mastodon) 3 – – 1 –"]
    assert client.get(PAGE, {"account": other.pk}).status_code == 400


def test_an_unknown_panel_is_not_there(shop):
    assert panel(logged_in(), "weather").status_code == 404
    assert panel(logged_in(), "numbers", "days=0").status_code == 400


def test_the_sidebar_leads_here(shop):
    link = 'href="/admin/analytics/"'

    assert link in logged_in().get("/admin/").text
    assert link not in logged_in("").get("/admin/").text


# -- Today ---------------------------------------------------------------------------------------


def test_today_shows_the_week_and_the_latest_report(shop):
    account = shop.account()
    shop.publish(account, at=ago(5), likes=50)
    shop.publish(account, at=ago(1), likes=3, impressions=200)
    AnalyticsReport.objects.create(
        report_type="weekly",
        period_start="2026-11-16",
        period_end="2026-11-22",
        language="en",
        timezone="Europe/Madrid",
        data_version=1,
        made_at=NOW,
        total_posts=1,
        total_publications=1,
    )
    client = logged_in()

    found = words(client.get(reverse("admin:analytics-today")).text)

    assert reverse("admin:analytics-today") in client.get("/admin/").text
    assert "Posts 1" in found
    assert "Impressions 200" in found
    assert "Engagements 3" in found
    assert "Latest report: weekly, 16 Nov – 22 Nov 2026" in found


def test_today_is_quiet_for_people_without_numbers(shop):
    answer = logged_in("").get(reverse("admin:analytics-today"))

    assert (answer.status_code, answer.content) == (200, b"")


# -- what is shipped -----------------------------------------------------------------------------


def test_shipped_scripts_are_the_ones_that_were_checked():
    folder = Path(settings.BASE_DIR) / "static" / "vendor"
    listed = json.loads((folder / "vendor.json").read_text())

    for one in listed:
        content = (folder / one["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        assert (folder / one["licence_file"]).exists()
    named = {name for one in listed for name in (one["file"], one["licence_file"])}
    assert {path.name for path in folder.iterdir()} == named | {"vendor.json"}
