"""Who sees which page, and that other people's previews and runs do not exist."""

from __future__ import annotations

import re

import pytest

from socialhub.models import JobRun
from threads.models import ImageTemplate
from threads.services.pictures import batches
from threads.services.pictures.batches import Wanted
from threads.tests.pages.rows import logged_in
from threads.tests.pictures.support import make_template, run
from threads.tests.template_pages.rows import ADD, GALLERY, LIVE, PANEL, RUNS, page_of, typed

pytestmark = pytest.mark.django_db


def made_run(user):
    content = b"title;price\nChair;12\n"
    return batches.from_csv(user, make_template(user), content, Wanted(alt_text="{{ title }}"))


@pytest.mark.parametrize("role", ["Administrator", "Marketer", "Approver", "Analyst"])
def test_every_role_sees_templates_and_only_marketers_change_and_make(role):
    client, template = logged_in(role), make_template()
    ok = 200 if role in ("Administrator", "Marketer") else 403

    assert [client.get(path).status_code for path in (GALLERY, page_of(template))] == [200, 200]
    makes = [ADD, page_of(template, "use"), RUNS, f"{RUNS}add/"]
    assert [client.get(path).status_code for path in makes] == [ok] * 4
    assert ("Image from template" in client.get(PANEL).text) is (ok == 200)
    assert ('name="verb"' in client.get(page_of(template)).text) is True
    assert (">Save</button>" in client.get(page_of(template)).text) is (ok == 200)


@pytest.mark.parametrize("role", ["Approver", "Analyst"])
def test_who_only_looks_changes_nothing(role):
    client, template = logged_in(role), make_template()
    before = ImageTemplate.objects.values().get()
    paths = [page_of(template), LIVE, page_of(template, "do/archive")]
    paths += [page_of(template, "versions/1/restore"), f"{GALLERY}designs/quote/copy/"]
    paths += [f"/admin/pictures/{template.pk}/{verb}/" for verb in ("fill", "preview", "make")]
    paths += [f"{RUNS}columns/", f"{RUNS}items/"]

    found = [client.post(path, typed(template)).status_code for path in paths]

    assert found == [403] * len(paths)
    assert (
        ImageTemplate.objects.values().get(),
        JobRun.objects.exclude(kind="sample_template").count(),
    ) == (before, 0)


def test_who_has_no_role_sees_no_page():
    client, template = logged_in(""), make_template()

    found = [client.get(p).status_code for p in (GALLERY, ADD, page_of(template), RUNS)]

    assert (found, client.get(PANEL).content) == ([403] * 4, b"")


def test_previews_and_runs_of_others_do_not_exist():
    mine, other = logged_in(), logged_in()
    batch = made_run(mine.user)
    mine.post(LIVE, typed())
    job = run(JobRun.objects.get(kind="preview_template"))
    paths = [f"{RUNS}{batch.pk}/live/", f"/admin/pictures/drawn/{job.pk}/"]
    paths += [f"/admin/pictures/drawn/{job.pk}/file/"]

    assert [mine.get(path).status_code for path in paths] == [200, 200, 200]
    assert [other.get(path).status_code for path in paths] == [404, 404, 404]
    assert other.post(f"{RUNS}{batch.pk}/do/start/").status_code == 404
    assert other.get(f"{RUNS}{batch.pk}/change/").status_code == 404


def test_what_is_archived_makes_no_picture_and_is_still_read():
    client, template = logged_in(), make_template()
    client.post(page_of(template, "do/archive"))

    assert client.get(page_of(template)).status_code == 200
    assert client.get(page_of(template, "use")).status_code == 404
    assert "Offer" not in client.get(f"{PANEL}?list=1").text
    assert f"{page_of(template)}" in client.get(f"{GALLERY}?archived=1").text
    client.post(page_of(template, "do/unarchive"))
    assert client.get(page_of(template, "use")).status_code == 200
    assert client.post(page_of(template, "do/explode")).status_code == 404


def test_no_page_has_an_inline_script_or_handler():
    client, template = logged_in("Administrator"), make_template()
    batch = made_run(client.user)
    paths = [GALLERY, ADD, page_of(template), page_of(template, "use"), RUNS, f"{RUNS}add/"]

    for path in [*paths, f"{RUNS}{batch.pk}/change/", f"{PANEL}?list=1"]:
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", text), path
        assert not re.search(r"<[^>]+\son(click|load|change|submit|input|toggle)=", text), path
