"""/api/templates/ from a request to the picture."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from socialhub import roles
from socialhub.models import JobRun
from socialhub.tests.api.conftest import client_of
from socialhub.tests.api.test_roles import _changing, table
from socialhub.tests.factories import AccountFactory, UserFactory
from threads.api.viewsets.batches import BatchViewSet
from threads.api.viewsets.templates import TemplateViewSet
from threads.services.pictures import batches, previews, templates
from threads.services.pictures.batches import Wanted
from threads.tests.pictures.support import CSS, FIELDS, HTML, make_template, run

pytestmark = pytest.mark.django_db
LIST, ONE = "/api/templates/", "/api/templates/{}/"
NEW = {"name": "Offer", "html": HTML, "css": CSS, "width": 320, "height": 200, "fields": FIELDS}
GOOD = {"data": {"title": "Lamp", "price": 19.99}, "alt_text": "A lamp"}


def post(client, address, body, status=202):
    response = client.post(address, body, format="json")
    assert response.status_code == status, response.data
    return response.data


def test_from_html_to_a_picture(marketer):
    made = post(marketer, LIST, NEW, 201)

    job = run(post(marketer, ONE.format(made["id"]) + "render/", GOOD)["job"])

    assert (made["version"], made["problems"], made["sample"]) == (1, [], None)
    told = {**job.result, "url": "", "sha256": ""}
    assert told == {
        "media": job.result["media"],
        "url": "",
        "width": 320,
        "height": 200,
        "sha256": "",
        "renderer": "takumi",
        "version": 1,
        "template": made["id"],
        "alt_text": "A lamp",
    }
    shown = marketer.get(f"/api/media/{job.result['media']}/").data
    assert (shown["sha256"], shown["alt_text"]) == (job.result["sha256"], "A lamp")
    again = run(post(marketer, ONE.format(made["id"]) + "render/", GOOD)["job"])
    assert again.result["media"] == job.result["media"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"data": GOOD["data"]}, "alt_text"),
        ({**GOOD, "alt_text": " "}, "alt_text"),
        ({**GOOD, "alt_text": "{{ nobody }}"}, "alt_text"),
        ({**GOOD, "data": {"price": 1}}, "data.title"),
        ({**GOOD, "data": {"title": "x", "price": "12,5O"}}, "data.price"),
        ({**GOOD, "data": {"title": "x", "secret": "y"}}, "data.secret"),
        ({**GOOD, "data": {"title": "x" * 41}}, "data.title"),
        ({**GOOD, "data": ["x"]}, "data"),
        ({**GOOD, "size": "huge"}, "size"),
        ({**GOOD, "version": 7}, "version"),
        ({**GOOD, "language": "xx"}, "language"),
    ],
)
def test_nothing_is_drawn_of_bad_input(marketer, body, place):
    template = make_template()
    before = JobRun.objects.count()

    refused = post(marketer, ONE.format(template.pk) + "render/", body, 400)

    assert place in refused["fields"]
    assert JobRun.objects.count() == before


def test_a_hostile_template_is_refused_at_once(marketer):
    refused = post(marketer, LIST, {**NEW, "html": "<p>{{ title }}</p><script>1</script>"}, 400)

    assert refused["type"] == "bad_template"
    assert refused["fields"]["html"][0].startswith("Line 1: <script> is not possible")


def test_a_text_too_long_for_its_box_is_shown_to_who_asked(marketer):
    fields = [{"name": "title", "max_length": 900}]
    template = make_template(
        html='<div class="title" data-fit="20 60">{{ title }}</div>', fields=fields
    )
    body = {"data": {"title": "many words " * 60}, "alt_text": "x"}

    job = run(post(marketer, ONE.format(template.pk) + "render/", body)["job"])

    assert (job.state, job.errors[0]["code"], job.errors[0]["field"]) == (
        "failed",
        "overflow",
        "title",
    )
    [told] = marketer.get(f"/api/jobs/{job.pk}/").data["errors"]
    assert told == job.errors[0]
    assert marketer.get(told["url"]).content.startswith(b"\x89PNG")


def test_a_preview_is_seen_by_its_owner_for_a_while(marketer, as_role):
    template = make_template()
    body = {"data": {"price": "5"}, "html": "<b>{{ title }}</b> {{ price }}"}
    job = run(post(marketer, ONE.format(template.pk) + "preview/", body)["job"])

    assert (job.result["width"], job.result["height"], job.result["overflow"]) == (320, 200, [])
    shown = marketer.get(job.result["url"], headers={"accept": "image/png"})
    assert (shown["Content-Type"], shown.content[:4]) == ("image/png", b"\x89PNG")
    assert as_role("Marketer").get(job.result["url"]).status_code == 404
    assert marketer.get(f"/api/templates/previews/{uuid4()}/").status_code == 404
    template.refresh_from_db()
    assert template.version == 1

    later = timezone.now() + timedelta(minutes=16)
    assert previews.content(job, marketer.user, later) is None
    assert previews.prune(later)["files"] >= 1
    assert marketer.get(job.result["url"]).status_code == 404


def test_an_unsaved_template_is_previewed_with_stand_ins(marketer):
    body = {
        "html": ("<img src='{{ photo }}'>{% for line in points %}<p>{{ line }}</p>{% endfor %}"),
        "fields": [
            {"name": "photo", "type": "image", "required": True},
            {"name": "points", "type": "lines", "required": True},
        ],
        "sizes": [{"name": "wide", "width": 300, "height": 100}],
    }

    job = run(post(marketer, LIST + "preview/", body)["job"])

    assert (job.state, job.result["width"]) == ("done", 300)
    refused = post(marketer, LIST + "preview/", {**body, "html": "{{ x }}"}, 400)
    assert list(refused["fields"]) == ["html"]


def test_a_stale_copy_is_refused_and_an_archived_template_can_be_read(marketer):
    template = make_template()
    one = ONE.format(template.pk)
    marketer.patch(one, {"css": CSS + " .x { color: red; }"}, format="json")

    stale = marketer.patch(one, {"name": "x", "version": 1}, format="json")
    assert (stale.status_code, stale.data["type"]) == (409, "stale")
    assert marketer.delete(one).status_code == 204
    assert marketer.get(LIST).data["results"] == []
    shown = marketer.get(one).data
    assert (shown["version"], shown["is_archived"]) == (2, True)
    assert post(marketer, one + "render/", GOOD, 409)["type"] == "archived"
    assert post(marketer, one + "restore/", {}, 200)["is_archived"] is False


def test_bulk_by_a_file(marketer):
    address, account = ONE.format(make_template().pk) + "bulk/", AccountFactory()
    bad = {
        "file": SimpleUploadedFile("a.csv", b"title,price\nLamp,12\nDesk,12,5O\n,3\n"),
        "alt_text": "{{ title }}",
        "accounts": [account.pk],
        "post_text": "{{ title }}",
    }
    refused = marketer.post(address, bad, format="multipart")
    assert (refused.status_code, refused.data["type"]) == (400, "rows_have_problems")
    assert sorted(refused.data["fields"]) == ["rows.2", "rows.3.title"]

    bad["file"].seek(0)
    checked = marketer.post(address, {**bad, "dry_run": True}, format="multipart").data
    assert (checked["job"], checked["rows"], len(checked["problems"])) == (None, 3, 2)
    one = f"/api/templates/batches/{checked['batch']}/"
    run(post(marketer, one + "start/", {})["job"])

    batch = marketer.get(one).data
    assert (batch["state"], batch["total"], batch["done"], batch["failed"]) == ("done", 3, 1, 2)
    assert [row["state"] for row in batch["rows"]] == ["done", "failed", "failed"]
    assert batch["rows"][0]["image"]["width"] == 320 and batch["rows"][0]["post"]
    assert post(marketer, one + "start/", {}, 409)["type"] == "already_started"
    assert client_of(UserFactory(role="Marketer")).get(one).status_code == 404


def test_designs_are_copied_and_sources_listed(marketer):
    slugs = [one["slug"] for one in marketer.get(LIST + "designs/").data]
    copied = post(marketer, LIST + f"designs/{slugs[0]}/copy/", {"name": "Mine"}, 201)
    found = marketer.get(LIST + "sources/", {"source": "metric", "template": copied["id"]}).data

    assert (copied["name"], copied["design"], copied["problems"]) == ("Mine", slugs[0], [])
    assert {one["name"] for one in found["sources"]} >= {"post", "metric", "product", "service"}
    # Nothing was measured: not 0.
    assert {item["values"]["number"] for item in found["items"]} == {None}
    assert marketer.post(LIST + "designs/none/copy/").status_code == 404
    assert marketer.get(LIST + "sources/", {"source": "x"}).status_code == 400


# -- roles and queries -----------------------------------------------------------------------

FILE = "title\nLamp\n"
CALLS = {
    "view_templates": [
        ("get", LIST, {}),
        ("get", ONE, {}),
        ("get", LIST + "designs/", {}),
        ("get", LIST + "sources/", {}),
        ("get", LIST + "batches/", {}),
    ],
    "change_template": [
        ("post", LIST, NEW),
        ("patch", ONE, {"name": "x"}),
        ("delete", ONE, {}),
        ("post", ONE + "restore/", {}),
        ("post", LIST + "preview/", {}),
        ("post", LIST + "designs/none/copy/", {}),
    ],
    "render_template": [
        ("post", ONE + "render/", GOOD),
        ("post", ONE + "preview/", {}),
        ("post", ONE + "bulk/", {}),
        ("post", LIST + "batches/1/start/", {}),
        ("post", LIST + "batches/1/retry/", {}),
    ],
}


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("verb", CALLS)
def test_the_api_obeys_the_page(as_role, role, verb):
    client, allowed = as_role(role), table()[verb][role]

    for method, address, body in CALLS[verb]:
        path = address.format(make_template().pk)
        response = getattr(client, method)(path, body, format="json")
        forbidden = response.status_code == 403 and response.data["type"] == "permission_denied"
        assert forbidden is not allowed, (method, address, response.data)


def test_every_action_that_changes_something_names_its_verb():
    for view in (TemplateViewSet, BatchViewSet):
        assert [n for n, methods in _changing(view) if methods and n not in view.verbs] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_ask_a_constant_number_of_queries(marketer, django_assert_num_queries, rows):
    for _row in range(rows):
        template = make_template(marketer.user)
        csv = ("title\n" + "Lamp\n" * rows).encode()
        batch = batches.from_csv(marketer.user, template, csv, Wanted(alt_text="x"))
        run(batches.start(batch, marketer.user))
    marketer.get(LIST)

    with django_assert_num_queries(3):
        assert len(marketer.get(LIST).data["results"]) == rows
    with django_assert_num_queries(4):
        assert len(marketer.get(LIST + "batches/").data["results"]) == rows
    with django_assert_num_queries(4):
        assert len(marketer.get(LIST + f"batches/{batch.pk}/").data["rows"]) == rows


def test_a_template_keeps_its_older_versions(marketer):
    template = make_template()
    templates.change(template, None, html="<b>{{ title }}</b>")

    job = run(post(marketer, ONE.format(template.pk) + "render/", {**GOOD, "version": 1})["job"])

    assert job.result["version"] == 1
