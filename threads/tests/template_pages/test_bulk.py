"""Many at once: columns, problems by row, pictures, and what is tried again."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from socialhub.models import Post
from socialhub.tests.factories import AccountFactory
from threads.models import ImageBatch
from threads.tests.pages.rows import logged_in, words
from threads.tests.pictures.support import FIELDS, make_template, run
from threads.tests.template_pages.rows import RUNS

pytestmark = pytest.mark.django_db
TABLE = "What;price;shop\nLamp;19,99;Lugo\nTable;twelve;Vigo\n;5;Vigo\n"


def sent(template, /, **others):
    file = SimpleUploadedFile("rows.csv", TABLE.encode(), "text/csv")
    given = {"template": template.pk, "source": "csv", "file": file, "alt_text": "{{ title }}"}
    return {**given, "map-title": "What", "language": "es", **others}


def cells(page):
    """Texts of the table's rows."""
    page = re.sub(r'<span class="material-symbols[^>]*>[^<]*</span>', "", page)
    rows = re.findall(r"<tr id=.*?</tr>", page, flags=re.DOTALL)
    return [[words(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows]


def test_the_columns_of_a_file_are_offered_for_the_fields():
    template = make_template()

    response = logged_in().post(f"{RUNS}columns/", sent(template, **{"map-title": ""}))

    pairs = [(pair["field"]["name"], pair["column"]) for pair in response.context["pairs"]]
    assert (response.context["columns"], pairs) == (
        ("What", "price", "shop"),
        [("title", ""), ("price", "price")],
    )


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ({"template": ""}, "Choose a template."),
        ({"file": ""}, "Choose a file."),
        ({"alt_text": ""}, "Say what the pictures show"),
        ({"map-title": ""}, "There is no column for “Title”."),
        ({"post_text": "{{ nothing }}"}, "There is no field or column “nothing”."),
        ({"source": "product"}, "Choose 1 to 500."),
    ],
)
def test_what_is_missing_is_said_and_the_form_keeps_what_was_typed(others, told):
    client = logged_in()

    fragment = client.post(
        f"{RUNS}add/", sent(make_template(), **others), headers={"HX-Request": "true"}
    )
    page = client.post(f"{RUNS}add/", sent(make_template(), **{"post_text": "Hi", **others}))

    assert told in words(fragment.text) and told in words(page.text)
    assert (page.status_code, ImageBatch.objects.count()) == (400, 0)
    assert others.get("post_text", "Hi") in page.text


def test_every_problem_is_listed_by_row_and_column_before_anything_is_made():
    client = logged_in()

    response = client.post(f"{RUNS}add/", sent(make_template()), follow=True)

    page = response.text
    assert "1 of 3 rows are right." in words(page)
    assert cells(page) == [
        ["1", "", "Lamp", "19,99 €", "waiting"],
        ["2", "", "Table", "twelve “twelve” is no price.", "failed"],
        ["3", "", "– This is needed.", "5", "failed"],
    ]
    only = client.get(f"{RUNS}{ImageBatch.objects.get().pk}/change/?show=problems").text
    assert [row[0] for row in cells(only)] == ["2", "3"]


def test_pictures_appear_and_drafts_are_linked():
    client, account = logged_in(), AccountFactory()
    texts = {"post_text": "{{ title }} en {{ shop }}", "accounts": account.pk}
    client.post(f"{RUNS}add/", sent(make_template(client.user), **texts))
    batch = ImageBatch.objects.get()

    going = client.post(f"{RUNS}{batch.pk}/do/start/", follow=True).text
    assert 'hx-trigger="every 2s"' in going and "0 of 3 pictures are made." in words(going)
    batch.refresh_from_db()
    run(batch.job)
    done = client.get(f"{RUNS}{batch.pk}/live/").text

    post = Post.objects.get()
    assert (post.text, [p.account for p in post.publications.all()]) == ("Lamp en Lugo", [account])
    assert f"/admin/socialhub/post/{post.pk}/change/" in done
    assert 'alt="Lamp"' in done and "every 2s" not in done
    assert "1 picture is made. 2 are missing." in words(done)
    again = client.post(f"{RUNS}{batch.pk}/do/retry/", follow=True).text
    assert "It runs. You may leave this page." in words(again)


def test_products_are_ticked_and_stay_ticked_in_another_search():
    client = logged_in()
    lamp, table = (
        apps.get_model("crm.Product").objects.create(name=name) for name in ("Lamp", "Table")
    )
    found = client.post(f"{RUNS}items/", {"source": "product", "words": "tab", "item": lamp.pk})
    ticked = [(row["item"].label, row["ticked"]) for row in found.context["rows"]]
    assert ticked == [("Lamp", True), ("Table", False)]

    items = {"source": "product", "item": [lamp.pk, table.pk]}
    client.post(
        f"{RUNS}add/", sent(make_template(fields=FIELDS[:1], html="<p>{{ title }}</p>"), **items)
    )

    batch = ImageBatch.objects.get()
    assert [row.data["values"]["title"] for row in batch.rows.all()] == ["Lamp", "Table"]
    form = client.get(f"{RUNS}add/?again={batch.pk}")
    assert (form.context["sent"].source, form.context["sent"].language) == ("product", "es")
