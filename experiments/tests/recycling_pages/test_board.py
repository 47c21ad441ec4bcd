"""The board: what it shows, its verbs, its fragments."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.models import PostRecycling, RecycledPost
from experiments.tests.recycling.shown import shown
from experiments.tests.recycling_pages.rows import BOARD, account, logged_in, rule, words
from socialhub.models import JobRun, PostStatus, PublicationStatus
from socialhub.services import jobs
from socialhub.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def _act(client, publication, verb, query="", **typed):
    return client.post(f"{BOARD}{publication.pk}/{verb}/?{query}", typed, **HX)


def _said(response):
    return response.headers.get("HX-Trigger", "")


def test_an_empty_installation_is_told_what_this_is():
    page = logged_in().get(BOARD)
    assert "Good posts can go out more than once" in words(page)


def test_candidates_come_with_score_factors_and_words():
    on = account()
    for days in range(60, 75):
        shown(on, days, 3, 1000)
    best = shown(on, 80, 90, 1000, text="Our best recipe")

    page = logged_in().get(BOARD)

    text = words(page)
    assert "16 posts may go out again; no repetition is planned." in text
    first = re.search(r'id="rc-card-(\d+)"', page.content.decode())
    assert int(first[1]) == best.pk
    assert "Never repeated." in text and "How good" in text
    assert "50 measured repetitions; so far there are 0" in text
    assert page.content.decode().count('class="sh-card rc-card"') == 12
    assert "Show more (4 left)" in text
    more = logged_in().get(f"{BOARD}?shown=24")
    assert more.content.decode().count('class="sh-card rc-card"') == 16


def test_a_long_list_says_that_it_is_cut(monkeypatch):
    from experiments.services.recycling import candidates

    on = account()
    for days in range(60, 64):
        shown(on, days, 3, 1000)
    monkeypatch.setattr(candidates, "LIMIT", 4)

    text = words(logged_in().get(BOARD))

    assert "At least 4 posts may go out again" in text


def test_those_not_eligible_are_named_with_reason_and_remedy():
    on = account()
    shown(on, 60, 5, 100, text="Only today half price", is_evergreen=False)
    shown(on, 10, 5, 100, text="Something young")

    page = logged_in().get(BOARD)

    text = words(page)
    assert "Looks bound to a date 1" in text and "It is bound to a date" in text
    assert "Too young 1" in text and "It has to be 30 days old first." in text
    assert words(logged_in("Analyst").get(BOARD)).count("It stays true") == 0


def test_recycling_takes_the_next_free_slot():
    on = account()
    row = shown(on, 60, 5, 100)
    client = logged_in()

    answer = _act(client, row, "recycle", when="slot", text=row.post.text)

    made = RecycledPost.objects.get()
    assert made.publication.status == PublicationStatus.SCHEDULED
    assert made.publication.due_at.astimezone(timezone.get_current_timezone()).hour == 10
    assert "Goes out again on" in _said(answer)
    assert "1 repetition is planned" in words(answer)
    assert "Planned already" in words(answer)


def test_recycling_at_a_time_with_other_words_waits_for_approval():
    row = shown(account(), 60, 5, 100)
    at = timezone.localtime() + timedelta(days=3)

    answer = _act(
        logged_in(), row, "recycle", when="at", at=f"{at:%Y-%m-%dT%H:%M}", text="Said anew"
    )

    made = RecycledPost.objects.get()
    assert made.post.text == "Said anew"
    assert made.post.status == PostStatus.IN_REVIEW
    assert made.publication.due_at == at.replace(second=0, microsecond=0)
    assert "somebody has to approve it first" in _said(answer)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"when": "at", "at": "soon"}, "not a date and time"),
        ({"when": "at", "at": "2020-01-01T10:00"}, "time has passed"),
    ],
)
def test_a_wrong_time_is_refused_with_a_sentence(typed, why):
    row = shown(account(), 60, 5, 100)
    assert why in _said(_act(logged_in(), row, "recycle", **typed))
    assert not RecycledPost.objects.exists()


def test_skip_and_never_take_it_off_and_undo_brings_it_back():
    row, client = shown(account(), 60, 5, 100, text="An old friend"), logged_in()

    assert "Skipped 1" in words(_act(client, row, "skip"))
    assert "1 post may go out again" in words(_act(client, row, "again"))

    board = _act(client, row, "never")
    assert "0 posts may go out again" in words(board) and "Undo" in words(board)
    assert PostRecycling.objects.get().never_by == client.user
    assert "1 post may go out again" in words(_act(client, row, "again"))


def test_who_says_it_stays_true_makes_it_evergreen():
    row, client = shown(account(), 60, 5, 100, text="Since 1 May", is_evergreen=False), logged_in()
    assert "0 posts may go out again" in words(client.get(BOARD))

    board = _act(client, row, "stays")

    row.post.refresh_from_db()
    assert row.post.is_evergreen
    assert "1 post may go out again" in words(board)
    assert "Bound to a date 1" in words(_act(client, row, "dated"))
    row.post.refresh_from_db()
    assert not row.post.is_evergreen


def test_without_javascript_a_button_leads_back_to_the_same_choice():
    on = account()
    row, chosen = shown(on, 60, 5, 100), rule(on)
    client = logged_in()
    answer = client.post(f"{BOARD}{row.pk}/skip/?rule={chosen.pk}")
    assert (answer.status_code, answer["Location"]) == (302, f"{BOARD}?rule={chosen.pk}")


def test_account_and_rule_narrow_the_board():
    one, other = account(), account()
    shown(one, 60, 5, 100, text="Here", is_evergreen=False)
    shown(other, 60, 5, 100, text="There")
    client = logged_in()

    narrow = words(client.get(f"{BOARD}?account={one.pk}"))
    assert "Here" in narrow and "There" not in narrow
    by_rule = words(client.get(f"{BOARD}?rule={rule(one).pk}"))
    assert "0 posts may go out again" in by_rule and "Not marked as evergreen 1" in by_rule
    assert "2 posts may go out again" in words(client.get(f"{BOARD}?account=x&rule=-1&shown=abc"))


def test_what_was_recycled_shows_predicted_and_actual():
    row = shown(account(), 60, 5, 100)
    _act(logged_in(), row, "recycle", when="slot")
    RecycledPost.objects.update(predicted=0.05, actual=0.06)
    assert "predicted 5.00 %" in words(logged_in().get(BOARD))
    assert "was 6.00 % ▲ 20 %" in words(logged_in().get(BOARD))


def test_another_wording_is_offered_and_says_who_made_it():
    row = shown(account(), 60, 5, 100, text="Our bread is baked at dawn.", language="en")
    client = logged_in()

    first = client.post(f"{BOARD}{row.pk}/vary/", {"text": "x", "turn": "0"}, **HX)
    second = client.post(f"{BOARD}{row.pk}/vary/", {"text": "x", "turn": "1"}, **HX)

    assert "Our bread is baked at dawn." in words(first)
    assert "Made without AI" in words(first)
    assert first.content != second.content


def test_a_text_that_cannot_be_varied_stays_as_typed():
    row = shown(account(), 60, 5, 100, text=" ".join(f"word{n}" for n in range(70)))
    answer = logged_in().post(f"{BOARD}{row.pk}/vary/", {"text": "Typed"}, **HX)
    assert "Typed" in words(answer) and "by hand" in words(answer)


def test_the_preview_plays_the_rules_without_writing():
    on = account()
    for days in range(60, 66):
        shown(on, days, 5, 100)
    client = logged_in()
    assert "Without an active rule" in words(client.get(f"{BOARD}preview/"))

    rule(on, name="Weekly")
    text = words(client.get(f"{BOARD}preview/"))

    assert re.search(r"[1-9]\d* would be chosen", text) and "(Weekly)" in text
    assert not RecycledPost.objects.exists()


def test_the_preview_shows_what_is_planned_already():
    row = shown(account(), 60, 5, 100, text="Back soon")
    client = logged_in()
    _act(client, row, "recycle", when="slot")
    text = words(client.get(f"{BOARD}preview/"))
    assert "1 planned" in text and "planned repetition" in text


def test_an_account_to_reconnect_leads_to_its_page():
    on = AccountFactory(status="needs_reconnect")
    shown(on, 60, 5, 100)
    page = logged_in("Administrator").get(BOARD).content.decode()
    assert f"/admin/socialhub/account/{on.pk}/change/" in page


def test_with_ai_the_worker_writes_and_what_was_typed_stays(settings):
    """The page asks nobody, and says why there is no AI in the end."""
    settings.AI_API_KEY = "sk-nobody"
    settings.AI_BASE_URL = "http://10.0.0.1/v1"
    row = shown(account(), 60, 5, 100, text="Our bread is baked at dawn.", language="en")
    client, url = logged_in(), f"{BOARD}{row.pk}/vary/"

    waiting = client.post(url, {"text": "Typed", "turn": "0"}, **HX)
    job = JobRun.objects.get()
    jobs.run(job.pk)
    done = client.post(url, {"text": "Typed", "turn": "1", "job": str(job.pk)}, **HX)

    assert "Typed" in words(waiting) and "readonly" in waiting.content.decode()
    assert str(job.pk) in waiting.content.decode()
    assert "Our bread is baked at dawn." in words(done)
    assert "The address of the AI is private" in words(done) and "Made without AI" in words(done)
