"""The page of a series: its sentence, its chains, and what one may do."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from socialhub import registries
from socialhub.models import AccountStatus
from socialhub.queries import needs
from socialhub.tests.factories import AccountFactory, UserFactory, organisation
from threads.models import ThreadSeries
from threads.services import series as services
from threads.tests.factories import approved, chain, make_series, scheduled, statuses
from threads.tests.pages.rows import LIST, failed, logged_in, out, page_of, queries, said, words

pytestmark = pytest.mark.django_db
FIVE = ["One", "Two", "Three", "Four", "Five"]


def broken(**fields):
    """Two of five parts are out, the third was refused."""
    row = scheduled(texts=FIVE, **fields)
    first, second, third = chain(row, row.accounts.first())[:3]
    out(first, permalink="https://example.org/1")
    out(second)
    failed(third)
    return row


def headline(client, row):
    return client.get(page_of(row)).context["headline"]


def test_the_sentence_says_what_is_out_what_failed_and_what_resume_sends():
    row = broken(accounts=[AccountFactory(handle="acme")])

    response = logged_in().get(page_of(row))

    account = chain(row)[0].account
    assert response.context["headline"] == (
        f"2 of 5 parts are out on {account}. Part 3 failed. The account may not do "
        "this on the network. Check its rights there, then retry. Resume sends parts 3 to 5."
    )
    assert "https://example.org/1" in response.text
    assert response.text.count("sh-status--waiting") == 2


def test_resume_sends_the_missing_part_and_the_rest_waits_for_it():
    row = broken()

    response = logged_in().post(page_of(row, "do/resume"), follow=True)

    assert said(response) == ["It goes on: 1 part."]
    assert statuses(row) == ["published", "published", "scheduled", "scheduled", "scheduled"]


def test_other_states_have_their_sentence_too():
    client = logged_in()
    account = AccountFactory(handle="acme")
    row = approved(accounts=[account])
    assert headline(client, row) == f"Parts 1 to 3 wait for a time on {account}."
    services.schedule(row, None)
    assert headline(client, row).startswith(f"Parts 1 to 3 go out on {account} from ")
    out(chain(row)[0])
    assert headline(client, row) == f"1 of 3 parts are out on {account}. Part 2 follows."
    type(account).objects.filter(pk=account.pk).update(status=AccountStatus.NEEDS_RECONNECT)
    assert headline(client, row) == (
        f"1 of 3 parts are out on {account}. Parts 2 to 3 wait until {account} is connected again."
    )
    for part in chain(row)[1:]:
        out(part)
    assert headline(client, row) == f"All 3 parts are out on {account}."


def test_a_series_on_two_accounts_says_each():
    one, two = AccountFactory(), AccountFactory()
    row = scheduled(accounts=[one, two])
    for part in chain(row, one):
        out(part)
    failed(chain(row, two)[0])

    context = logged_in().get(page_of(row)).context

    assert context["headline"] == "3 of 6 publications are out on 2 accounts."
    first, second = [life["sentence"] for life in context["lives"]]
    assert first == f"All 3 parts are out on {one}."
    assert second.startswith(f"Part 1 failed on {two}.")
    logged_in().post(page_of(row, "do/resume"), {"account": two.pk})
    assert statuses(row, two) == ["scheduled"] * 3


def test_cancel_and_withdraw_are_said_in_words():
    client, row = logged_in(), broken()
    assert said(client.post(page_of(row, "do/cancel"), follow=True)) == [
        "Cancelled. What is out stays out; nothing more of it goes out."
    ]
    account = chain(row)[0].account
    assert headline(client, row) == f"2 of 5 parts are out on {account}; the rest is cancelled."

    # It is over: nothing waits for anybody, and it may leave the list and come back.
    assert needs.needs(client.user, organisation(), timezone.now())[0] == []
    for verb in ("archive", "unarchive"):
        client.post(page_of(row, f"do/{verb}"))
        row.refresh_from_db()
        assert row.is_archived is (verb == "archive")

    other = scheduled()
    client.post(page_of(other, "do/withdraw"))
    other.refresh_from_db()
    assert other.state == "draft"


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Approver", "Analyst"])
def test_every_role_reads_and_only_marketers_write(role):
    client, row, draft = logged_in(role), broken(), make_series()
    writes = role in ("Administrator", "Marketer")

    seen = [LIST, page_of(row), page_of(row, "life"), page_of(draft), page_of(row, "history")]
    assert [client.get(path).status_code for path in seen] == [200] * 5
    for path in (f"{LIST}add/", page_of(row, "edit")):
        assert client.get(path).status_code == (200 if writes else 403)
    assert client.get(page_of(draft)).context["may_write"] is writes


@pytest.mark.parametrize("verb", ["resume", "cancel", "withdraw", "archive", "schedule"])
def test_an_analyst_changes_nothing(verb):
    row = broken()
    before = (ThreadSeries.objects.values().get(), statuses(row))

    response = logged_in("Analyst").post(page_of(row, f"do/{verb}"), follow=True)

    assert [message.level_tag for message in response.context["messages"]] == ["error"]
    assert (ThreadSeries.objects.values().get(), statuses(row)) == before


def test_series_on_other_accounts_do_not_exist():
    mine, other = broken(title="Mine"), broken(title="Other")
    client = logged_in("Marketer", mine.accounts.get())

    assert client.get(page_of(mine)).status_code == 200
    listed = words(client.get(LIST).text)
    assert "Mine" in listed and "Other" not in listed
    for part in ("life", "edit", "history"):
        assert client.get(page_of(other, part)).status_code == 404
    assert client.post(page_of(other, "do/cancel")).status_code == 404
    assert client.post(page_of(mine, "do/explode")).status_code == 404


def test_of_a_series_on_a_foreign_account_too_only_the_own_chain_is_shown():
    own, foreign = AccountFactory(), AccountFactory(handle="secret")
    row = scheduled(accounts=[own, foreign])

    response = logged_in("Marketer", own).get(page_of(row))

    assert [life["chain"].account for life in response.context["lives"]] == [own]
    assert "secret" not in response.text


def test_the_list_is_narrowed_by_state_account_and_words():
    account = AccountFactory()
    found = {"partial": broken(title="Stopped"), "draft": make_series(title="New")}
    there = make_series(title="There", texts=["A word like rhubarb"], accounts=[account])

    def listed(**query):
        rows = logged_in().get(LIST, query).context["cl"].result_list
        return {row.title for row in rows}

    assert listed() == {"Stopped", "New", "There"}
    assert {state: listed(state=state) for state in found} == {
        "partial": {"Stopped"},
        "draft": {"New", "There"},
    }
    assert (listed(account=account.pk), listed(q="rhubarb")) == ({there.title}, {there.title})


def test_pages_ask_as_often_for_many_as_for_few():
    client = logged_in()
    few, draft = broken(), make_series(texts=["One"])
    lists = [LIST, page_of(few), page_of(draft)]
    before = [queries(client, path) for path in lists]
    for _n in range(2):
        scheduled(accounts=[AccountFactory(), AccountFactory()], texts=["One", "Two"])
    many = scheduled(texts=[str(n) for n in range(8)])
    failed(chain(many)[0])
    long = make_series(texts=[str(n) for n in range(5)])

    assert queries(client, LIST) == before[0]
    assert queries(client, page_of(many)) <= before[1]
    assert queries(client, page_of(long)) == before[2]


# -- elsewhere ---------------------------------------------------------------------------------


def test_the_composer_of_a_part_leads_to_its_series():
    row = make_series()
    post = row.parts.get(position=2).post

    response = logged_in().get(reverse("admin:socialhub_post_change", args=[post.pk]), follow=True)

    assert response.redirect_chain == [(page_of(row), 302)]
    assert said(response) == [
        f"This is part 2 of the thread series “{row.title}”. Change it there."
    ]


def test_publications_of_parts_carry_their_mark():
    row = scheduled()
    ids = [one.pk for one in chain(row)]

    found = registries.publication_marks(UserFactory(role="Marketer"), ids)

    assert [found[pk][0].title for pk in ids] == [
        f"part {n} of 3 of “{row.title}”" for n in (1, 2, 3)
    ]
    assert {found[pk][0].url for pk in ids} == {page_of(row)}
    assert registries.publication_marks(UserFactory(), ids) == {}


def test_today_shows_series_to_approve_and_such_as_stopped():
    organisation(setup_done=True)
    waiting, stopped = (
        make_series(UserFactory(role="Marketer"), title="Waits"),
        broken(title="Stopped"),
    )
    services.submit(waiting, waiting.author)

    def keys(user):
        found, more = needs.needs(user, organisation(), timezone.now())
        return {(one.key, bool(one.step)) for one in found if one.key.startswith("series-")}, more

    # An approver cannot resume, so there is no button for that.
    both = {(f"series-{waiting.pk}", True), (f"series-{stopped.pk}", False)}
    assert keys(UserFactory(role="Approver")) == (both, 0)
    own = UserFactory(role="Approver")
    waiting.editors.add(own)
    # Who changed it may not approve it.
    assert keys(own)[0] == {(f"series-{stopped.pk}", False)}
    assert (f"series-{stopped.pk}", True) in keys(UserFactory(role="Marketer"))[0]
    assert keys(UserFactory())[0] == set()
