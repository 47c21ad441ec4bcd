"""The dashboard as a person uses it: filters, switches, heatmap, narrow, dark, broken, printed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from analytics.tests.shop import Shop
from analytics.views.panels import PANELS
from socialhub.tests.factories import CampaignFactory, InteractionFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/admin/analytics/"
MADRID = ZoneInfo("Europe/Madrid")
COUNTERS = ("impressions", "engagements", "likes", "comments", "shares")


@pytest.fixture
def shop(transactional_db):
    """Three weeks of posts on two networks; Bluesky reports no impressions."""
    shop = Shop(timezone.now())
    shop.mastodon = shop.account("mastodon", handle="shop@social.example")
    shop.bluesky = shop.account("bluesky", handle="shop.example")
    harvest = CampaignFactory(name="Harvest")
    for day in range(1, 22):
        local = timezone.localtime(shop.now, MADRID) - timedelta(days=day)
        at = local.replace(hour=9 + day % 4, minute=15, second=0, microsecond=0)
        fields = {"likes": day, "comments": day % 3, "shares": 1}
        if day % 3:
            fields["impressions"] = 100 + 10 * day
        shop.publish(
            shop.mastodon if day % 3 else shop.bluesky,
            at=at,
            text=f"Post of {day} days ago",
            content_type="image" if day % 2 else "text",
            campaign=harvest if day % 5 == 0 else None,
            **fields,
        )
    InteractionFactory(text="Do you ship?")
    return shop


def opened(page, query: str = ""):
    page.goto(PAGE + query)
    # The first estimate of best times loads scipy.
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=60_000)
    return page


def cards(page) -> dict[str, str]:
    found = page.locator(".an-card").all()
    return {
        one.get_attribute("data-card"): one.locator(".an-card-value").inner_text() for one in found
    }


def table(panel) -> list[list[str]]:
    """Opened by a person, read as text."""
    details = panel.locator("details.an-table")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    expect(details.locator("tbody tr").first).to_be_visible()
    lines = details.locator("tbody tr").all()
    return [line.locator("td").all_inner_texts() for line in lines]


def drawn(page) -> bool:
    """Is there any ink on the chart?"""
    return page.evaluate(
        """() => { const c = document.querySelector('.an-chart canvas');
        return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v); }"""
    )


def whole(text: str) -> int | None:
    digits = text.replace(",", "")
    return None if digits == "–" else int(digits)


def api(page, path: str, query: str = "") -> dict:
    caller = Client()
    caller.force_login(page.person)
    answer = caller.get(f"/api/analytics/{path}/{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize("query", ["", "?days=7", "?platform=bluesky", "?content_type=image"])
def test_the_page_shows_what_the_api_says(page, shop, query):
    opened(page, query)

    said = api(page, "dashboard", query)
    shown = cards(page)
    assert whole(shown["posts"]) == said["total_posts"]
    assert {name: whole(shown[name]) for name in COUNTERS} == {
        name: said[f"total_{name}"] for name in COUNTERS
    }
    rate = said["avg_engagement_rate"]
    assert shown["engagement_rate"] == ("–" if rate is None else f"{rate:.2f} %")
    networks = page.locator("#an-platforms tbody tr").all()
    bars = {
        row.locator("a").inner_text().lower(): whole(row.locator(".an-bar-cell").inner_text())
        for row in networks
    }
    breakdown = said["platform_breakdown"]
    assert bars == {name: one["engagements"] for name, one in breakdown.items()}


@pytest.mark.parametrize("kind", ["published", "happened"])
def test_each_day_of_the_table_is_what_the_api_says(page, shop, kind):
    opened(page, f"?series={kind}")

    days = api(page, "timeseries", f"?kind={kind}")["days"]
    lines = table(page.locator("#an-series"))
    skip = 2 if kind == "published" else 1
    shown = [[whole(cell) for cell in line[skip:]] for line in lines]
    # The chosen counter comes first in the list of counters, so names say which column it is.
    heads = page.locator("#an-series-table thead th").all_inner_texts()[skip:]
    names = [head.lower() for head in heads]
    assert shown == [[day[name] for name in names] for day in days]


def test_filters_change_the_page_and_the_way_back_works(page, shop):
    opened(page)
    everything = cards(page)["likes"]

    page.locator("#an-platform").select_option("bluesky")
    expect(page).to_have_url(re.compile(r"\?platform=bluesky$"))
    bluesky = cards(page)["likes"]
    page.locator("#an-days-7").click()
    expect(page).to_have_url(re.compile(r"\?days=7&platform=bluesky$"))
    expect(page.locator("#an-platform")).to_have_value("bluesky")
    page.locator("#an-campaign").select_option(label="Harvest")
    expect(page).to_have_url(re.compile("campaign="))

    page.go_back()
    expect(page).to_have_url(re.compile(r"\?days=7&platform=bluesky$"))
    expect(page.locator("#an-campaign")).to_have_value("")
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?platform=bluesky$"))
    expect(page.locator("[data-card=likes] .an-card-value")).to_have_text(bluesky)
    page.go_back()
    expect(page.locator("[data-card=likes] .an-card-value")).to_have_text(everything)
    expect(page.locator("#an-platform")).to_have_value("")
    assert drawn(page)


def test_a_period_that_ends_before_it_starts_is_said_and_kept(page, shop):
    opened(page)

    page.locator("#an-from").fill("2026-02-10")
    page.locator("#an-to").fill("2026-02-01")
    page.locator("#an-show-dates").click()

    expect(page.locator("#an-problems")).to_contain_text("must not be before the first day")
    expect(page.locator("#an-to")).to_have_value("2026-02-01")
    expect(page.locator("#an-from")).to_have_value("2026-02-10")
    page.locator("#an-to").fill("2026-02-20")
    page.locator("#an-show-dates").click()
    expect(page.locator("#an-problems")).to_have_count(0)
    expect(page.locator("#an-lead")).to_contain_text("Feb. 10, 2026 to Feb. 20, 2026")


def test_series_switch_by_keyboard_and_survive_a_reload(page, shop):
    opened(page)
    first = page.locator("[data-an-title]").inner_text()

    page.locator("#an-kind-happened").focus()
    page.keyboard.press("Space")
    page.locator("#an-metric").select_option("likes")

    expect(page.locator("[data-an-title]")).to_contain_text(
        "Engagement that happened that day · Likes · Sum"
    )
    assert first.startswith("Lifetime numbers of posts published that day · Engagements")
    expect(page).to_have_url(re.compile(r"\?series=happened&metric=likes$"))
    page.locator("#an-days-7").click()
    expect(page).to_have_url(re.compile(r"\?days=7&series=happened&metric=likes$"))
    page.reload()
    expect(page.locator("#an-kind-happened")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-an-title]")).to_contain_text("· Likes ·")
    assert drawn(page)


def test_the_heatmap_is_read_by_mouse_and_by_arrows(page, shop):
    opened(page)
    said = page.locator("#an-heatmap [data-an-said]")
    lines = table(page.locator("#an-heatmap"))
    known = page.locator(".an-heatmap td[class]")
    assert known.count() == len(lines)

    known.first.hover()
    hour, number = lines[0][0], lines[0][1]
    expect(said).to_contain_text(hour)
    expect(said).to_contain_text(f"{number} publication")
    place = known.first
    place.focus()
    start = int(place.get_attribute("id").removeprefix("an-hour-"))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown" if start < 144 else "ArrowUp")
    moved = start + 1 + (24 if start < 144 else -24)
    expect(page.locator(f"#an-hour-{moved}")).to_be_focused()
    expect(said).to_have_text(page.locator(f"#an-hour-{moved}").get_attribute("title"))
    assert page.locator(".an-heatmap td[tabindex='0']").count() == 1


def test_top_posts_are_turned_round_in_place(page, shop):
    opened(page)
    best = page.locator("#an-top tbody a.sh-clamp").all_inner_texts()

    page.get_by_role("link", name="Worst by rate").click()

    expect(page.locator("#an-top [aria-current]")).to_have_text("Worst by rate")
    worst = page.locator("#an-top tbody a.sh-clamp").all_inner_texts()
    assert len(worst) == 10
    assert worst != best
    expect(page).to_have_url(re.compile(r"\?order=worst$"))
    expect(page.locator("#an-order-3")).to_be_focused()


def test_new_figures_arrive_without_losing_the_place(page, shop):
    opened(page, "?series=happened")
    table(page.locator("#an-heatmap"))
    page.locator("#an-top-help > summary").click()
    place = page.locator(".an-heatmap td[class]").last
    place.focus()
    focused = place.get_attribute("id")
    page.evaluate("scrollTo(0, 900)")
    likes = page.locator("[data-card=likes] .an-card-value")
    before = whole(likes.inner_text())
    row = shop.publish(shop.mastodon, at=timezone.now() - timedelta(hours=2))
    shop.read(row, at=timezone.now(), likes=1000)

    # What the timer does every fifteen seconds.
    with page.expect_response(re.compile("analytics/version")):
        page.evaluate(
            "htmx.ajax('GET', document.getElementById('an-poll').getAttribute('hx-get'),"
            " {source: '#an-poll', swap: 'none'})"
        )

    expect(likes).to_have_text(f"{before + 1000:,}")
    assert page.evaluate("scrollY") == 900
    expect(page.locator(f"#{focused}")).to_be_focused()
    expect(page.locator("#an-top-help")).to_have_attribute("open", "")
    expect(page.locator("#an-heatmap-table")).to_have_attribute("open", "")
    expect(page.locator("#an-kind-happened")).to_have_attribute("aria-pressed", "true")
    assert drawn(page)
    # The page knows the new version, so that the next look finds nothing.
    with page.expect_response(re.compile("analytics/version")) as asked:
        page.evaluate(
            "htmx.ajax('GET', document.getElementById('an-poll').getAttribute('hx-get'),"
            " {source: '#an-poll', swap: 'none'})"
        )
    assert "hx-trigger" not in asked.value.headers


def test_a_broken_panel_says_so_and_tries_again(page, shop):
    rename = "ALTER TABLE {} RENAME TO {}"
    with connection.cursor() as cursor:
        cursor.execute(rename.format("analytics_hourrollup", "analytics_elsewhere"))
    try:
        opened(page)
        broken = page.locator(".an-failed")
        expect(broken).to_have_count(1)
        expect(page.locator("#an-heatmap")).to_contain_text("The others are not affected.")
        expect(page.locator(".sh-toast")).to_have_count(0)
        expect(page.locator(".an-card")).to_have_count(8)
        assert drawn(page)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(rename.format("analytics_elsewhere", "analytics_hourrollup"))

    page.get_by_role("button", name="Try again").click()

    expect(page.locator(".an-failed")).to_have_count(0)
    expect(page.locator("#an-heatmap .an-heatmap")).to_be_visible()
    assert [one for one in page.troubles if "panel/heatmap" not in one] == []
    page.troubles.clear()


def test_the_selection_is_downloaded(page, shop):
    opened(page, "?platform=bluesky")

    with page.expect_download() as found:
        page.get_by_role("link", name="CSV").click()

    lines = found.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + 7
    assert all("bluesky" in line for line in lines[1:])


@pytest.mark.parametrize("dark", [False, True])
def test_everything_fits_a_narrow_screen(open_as, shop, dark):
    page = opened(open_as(width=390, dark=dark), "?series=happened")

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for details in page.locator("#an-main details").all():
        details.locator("> summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    # Tables are cards: the headings stand beside the numbers.
    expect(page.locator("#an-top thead")).to_be_hidden()
    wide = page.locator("#an-top tbody td.sh-num").first
    assert wide.evaluate("e => getComputedStyle(e, '::before').content") == '"Impressions"'


def test_the_chart_follows_the_theme(open_as, shop):
    page = opened(open_as())
    colour = (
        "Chart.getChart(document.querySelector('.an-chart canvas')).data.datasets[0].borderColor"
    )
    light = page.evaluate(colour)

    page.evaluate("document.documentElement.classList.add('dark')")

    page.wait_for_function(f"{colour} !== {light!r}")


def test_paper_is_white_with_definitions_at_the_end(open_as, shop):
    page = opened(open_as(dark=True))

    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")

    expect(page.locator(".an-bar")).to_be_hidden()
    expect(page.locator(".an-definitions dt")).to_have_count(len(PANELS))
    expect(page.locator(".an-definitions")).to_be_visible()
    main = page.locator("#main").evaluate("e => getComputedStyle(e).backgroundColor")
    card = page.locator(".an-card").first.evaluate("e => getComputedStyle(e).backgroundColor")
    assert (main, card) == ("rgb(255, 255, 255)", "rgb(255, 255, 255)")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("html")).to_have_class(re.compile("dark"))


def test_an_empty_installation_is_calm(open_as, transactional_db):
    Shop(timezone.now())
    page = opened(open_as())

    expect(page.locator("#an-lead")).to_contain_text("Nothing was published in the last 30 days")
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    expect(page.locator(".an-failed")).to_have_count(0)


def test_without_scripts_the_figures_are_there(open_as, shop):
    page = open_as(scripts=False)
    page.goto(PAGE + "?platform=mastodon")

    assert whole(cards(page)["posts"]) == 14
    page.get_by_role("link", name="7 days", exact=True).click()
    assert page.url.endswith("?days=7&platform=mastodon")


def test_today_leads_to_the_figures_of_the_week(page, shop):
    page.goto("/admin/")

    panel = page.locator("section", has_text="This week in numbers")
    expect(panel.locator(".sh-figures div")).to_have_count(3)
    panel.get_by_role("link", name="Analytics").click()

    day = timezone.localtime(timezone.now(), MADRID)
    monday = (day - timedelta(days=day.weekday())).date()
    expect(page).to_have_url(re.compile(f"from={monday}"))


def test_a_reader_of_the_screen_finds_names(page, shop):
    opened(page)

    for name, panel in PANELS.items():
        expect(page.locator(f"#an-{name}")).to_have_attribute("aria-labelledby", f"an-{name}-title")
        expect(page.locator(f"#an-{name}-title")).to_have_text(str(panel.title))
    chart = page.locator(".an-chart")
    assert chart.get_attribute("role") == "img"
    assert "Engagements · Sum" in chart.get_attribute("aria-label")
    controls = page.locator("#an-main").locator("a, button, select, input:not([type=hidden])")
    unnamed = [
        one.evaluate("e => e.outerHTML")
        for one in controls.all()
        if not (one.get_attribute("aria-label") or one.inner_text().strip())
    ]
    assert unnamed == []


def test_every_figure_comes_from_rows_measured_by_then(page, shop):
    opened(page)

    moment = page.locator("#an-lead time").get_attribute("datetime")
    measured = datetime.fromisoformat(moment)
    assert measured == datetime.fromisoformat(api(page, "dashboard")["measured_at"])
