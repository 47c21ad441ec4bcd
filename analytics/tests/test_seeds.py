"""The demo: twelve weeks of posts and readings, made once, taken away without a trace."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
import requests
from django.apps import apps
from django.utils import timezone

from analytics import seeds
from analytics.models import (
    AccountMetrics,
    AnalyticsReport,
    DataVersion,
    PostMetrics,
    PublicationStats,
    ReportDelivery,
    ReportType,
)
from analytics.queries import best_times, dashboard
from analytics.queries.filters import Filters
from analytics.services import rebuilding
from analytics.services.reports import making, periods
from analytics.tests import reference
from socialhub.models import (
    Account,
    Interaction,
    Organisation,
    Outcome,
    Post,
    PostStatus,
    Publication,
    PublicationStatus,
)
from socialhub.seeds import seed
from socialhub.services import demo
from socialhub.services.drafts import content_hash
from socialhub.tests.factories import UserFactory
from socialhub.tests.support.demo import seeded_demo

# The demo refuses PostgreSQL.
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

# What stands above has tests of its own.
APPS = ("analytics", "crm")
COUNTED = ("likes", "comments", "shares", "impressions", "clicks")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory, django_db_setup, django_db_blocker):
    """A network with people on it, and the demo made from it. Each test goes back to this."""
    with seeded_demo(tmp_path_factory.mktemp("demo"), django_db_blocker, APPS) as server:
        yield server


def rows() -> dict[str, int]:
    """How many rows every table has."""
    models = [m for m in apps.get_models() if m._meta.managed]
    return {m._meta.label: m._default_manager.count() for m in models}


def test_past_posts_are_out_on_the_network_each_once_and_complete(seeded):
    published = Publication.objects.filter(status=PublicationStatus.PUBLISHED)

    there = {post["id"]: post for post in seeded.posts()}

    assert Counter(post["key"] for post in there.values()).most_common(1)[0][1] == 1
    for row in published.select_related("post", "account"):
        remote = there[row.remote_id]
        assert (row.full_text, row.permalink) == (remote["text"], remote["url"])
        assert row.account.handle == remote["account"]
        assert row.published_at.isoformat(timespec="microseconds") == remote["created_at"]
        assert bool(remote["media"]) == row.post.post_media.exists()
        [attempt] = row.attempts.all()
        assert (attempt.outcome, attempt.remote_id) == (Outcome.ACCEPTED, row.remote_id)
        assert str(attempt.generation.client_key) == remote["key"]
        assert [event.code for event in row.events.all()] == ["accepted"]
    for post in Post.objects.filter(publications__in=published):
        assert (post.status, post.is_demo) == (PostStatus.APPROVED, True)
        assert post.approved_hash == content_hash(post)
        reasons = post.history.order_by("history_date").values_list(
            "history_change_reason", flat=True
        )
        assert list(reasons) == ["created", "approved"]


def test_every_week_has_posts_of_several_types_accounts_and_campaigns(seeded):
    published = PublicationStats.objects.select_related("post__campaign", "account")

    weeks = Counter((timezone.now() - row.published_at).days // 7 for row in published)

    assert set(weeks) == set(range(12))
    assert min(weeks.values()) >= 3
    assert 95 <= sum(weeks.values()) <= 110
    assert {row.content_type for row in published} == {"text", "image", "link"}
    assert {row.post.campaign.name for row in published if row.post.campaign} == {
        "Cosecha temprana",
        "Recetas de invierno",
        "Export 2026",
    }
    assert max(Counter(row.post_id for row in published).values()) == 2


def test_snapshots_hold_what_the_network_tells_of_their_moment(seeded):
    kept = list(PostMetrics.objects.select_related("publication"))
    moments = sorted({row.collected_at for row in kept})
    asked = {"at": ",".join(at.isoformat() for at in moments)}

    told = requests.get(f"{seeded.base_url}/control/history", asked, timeout=30).json()

    then = {at: one["posts"] for at, one in zip(moments, told, strict=True)}
    assert len(kept) > 400
    for row in kept:
        counters = {name: getattr(row, name) for name in COUNTED}
        assert counters == then[row.collected_at][row.publication.remote_id]
        assert row.publication.published_at < row.collected_at


def test_sums_facts_and_snapshots_agree(seeded):
    zone = Organisation.get().zone

    assert rebuilding.repair(timezone.now())["cells"] == 0
    assert reference.stored_activity() == reference.activity(zone)
    for row in PublicationStats.objects.filter(metrics_at__isnull=False):
        newest = PostMetrics.objects.filter(publication=row.pk).latest("collected_at")
        assert newest.counters() == row.counters()


def test_a_period_can_be_compared_and_followers_grow(seeded):
    today = timezone.now().astimezone(Organisation.get().zone).date()

    month = dashboard.happened(
        Filters(today - timedelta(days=29), today), dashboard.current_state()
    )

    assert month.before is not None
    assert month.before["engagements"] > 0
    assert sum(values["impressions"] > 0 for _, values in month.days) > 20
    for account in Account.objects.filter(is_demo=True):
        read = AccountMetrics.objects.filter(account=account).order_by("local_day")
        followers = list(read.values_list("followers", flat=True))
        assert len(followers) >= 80
        assert all(before <= after for before, after in pairwise(followers))
        assert followers[-1] > followers[0]


def test_best_times_rest_on_own_posts(seeded):
    found = best_times.for_accounts(None, timezone.now())

    assert found.posts == PublicationStats.objects.filter(metrics_at__isnull=False).count()
    assert {slot.level for slot in found.slots} == {"account"}


def test_reports_of_the_last_week_and_month_are_made_and_sent_to_nobody(seeded):
    now, zone = timezone.now(), Organisation.get().zone
    wanted = {
        (kind.value, period.first)
        for kind in (ReportType.WEEKLY, ReportType.MONTHLY)
        if (period := periods.due(kind, now, zone))
    }

    made = {(row.report_type, row.period_start): row for row in AnalyticsReport.objects.all()}

    assert set(made) == wanted
    assert all(row.total_engagements > 0 for row in made.values())
    assert ReportDelivery.objects.count() == 0


def test_only_the_latest_comments_wait(seeded):
    old = Interaction.objects.filter(created_at__lt=timezone.now() - timedelta(days=4))

    assert old.count() > 100
    assert old.waiting().count() == 0
    assert Interaction.objects.waiting().exists()
    assert not Interaction.objects.filter(publication=None).exists()


def test_a_second_run_adds_nothing(seeded):
    before = rows(), DataVersion.objects.get().version

    seed(APPS)

    assert (rows(), DataVersion.objects.get().version) == before


def test_an_interrupted_run_is_finished_by_the_next(seeded):
    before = rows()
    reports = AnalyticsReport.objects.count()
    for model in (PostMetrics, PublicationStats, AnalyticsReport):
        model.objects.all().delete()

    seed(APPS)

    assert rows() == before
    assert AnalyticsReport.objects.count() == reports
    assert rebuilding.repair(timezone.now())["cells"] == 0


def test_without_demo_posts_there_is_nothing_to_read(seeded):
    demo.remove_demo(UserFactory(role="Administrator"))

    seeds.seed({})

    assert PublicationStats.objects.count() == 0


def test_removing_the_demo_leaves_no_numbers(seeded):
    demo.remove_demo(UserFactory(role="Administrator"))

    left = {
        label: count for label, count in rows().items() if count and label.startswith("analytics.")
    }
    assert left == {"analytics.DataVersion": 1}
    assert rebuilding.repair(timezone.now())["cells"] == 0


def test_reports_without_demo_figures_stay(seeded):
    today = timezone.now().astimezone(Organisation.get().zone).date()
    week_ago, year_ago = today - timedelta(days=7), today - timedelta(days=365)
    stay = [
        making.make("custom", week_ago, today - timedelta(days=1), scope="platform:mastodon")[0],
        making.make("custom", year_ago, year_ago + timedelta(days=6))[0],
    ]
    campaign = Post.objects.filter(is_demo=True, campaign__isnull=False).first().campaign_id
    for scope in ("", "platform:sandbox", f"campaign:{campaign}"):
        making.make("custom", week_ago, today - timedelta(days=1), scope=scope)

    demo.remove_demo(UserFactory(role="Administrator"))

    assert set(AnalyticsReport.objects.all()) == set(stay)


def test_made_again_after_its_removal_it_takes_up_the_posts_on_the_network(seeded):
    demo.remove_demo(UserFactory(role="Administrator"))

    seed(APPS)

    there = seeded.posts()
    found = set(PublicationStats.objects.values_list("publication__remote_id", flat=True))
    assert len({post["key"] for post in there}) == len(there)
    assert found <= {post["id"] for post in there}
    assert not PublicationStats.objects.filter(metrics_at=None).exists()
