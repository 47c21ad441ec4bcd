"""/api/products/ and /api/services/"""

from __future__ import annotations

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from crm.models import OdooConnection, Product
from crm.tests.support import make_product, make_service
from socialhub.models import MediaAsset, Post
from socialhub.tests.factories import PostFactory, UserFactory

pytestmark = pytest.mark.django_db
SHAPE = [
    "id",
    "name",
    "description",
    "price",
    "currency",
    "tax_included",
    "url",
    "image",
    "active",
    "available",
    "odoo_id",
    "odoo_write_date",
    "synced_at",
]


@pytest.fixture
def marketer():
    return UserFactory(role="Marketer")


@pytest.fixture
def api(marketer):
    client = APIClient()
    client.force_authenticate(marketer)
    return client


def from_odoo(**fields) -> Product:
    url = "https://odoo.example.org"
    connection = OdooConnection.objects.create(url=url, database="odoo", login="bot")
    return make_product(connection=connection, odoo_id=7, **fields)


def picture(user) -> MediaAsset:
    return MediaAsset.objects.create(
        file="lamp.png", sha256="0" * 64, mime="image/png", size=1, uploaded_by=user
    )


@pytest.mark.parametrize("path", ["products", "services"])
def test_create_read_change_and_deactivate(api, path):
    made = api.post(
        f"/api/{path}/", {"name": "Lamp", "price": "19.90", "currency": "eur"}, format="json"
    )
    assert made.status_code == 201, made.json()
    assert list(made.json()) == SHAPE
    assert made.json() | {"id": 0} == {
        "id": 0,
        "name": "Lamp",
        "description": "",
        "price": "19.90",
        "currency": "EUR",
        "tax_included": None,
        "url": "",
        "image": None,
        "active": True,
        "available": True,
        "odoo_id": None,
        "odoo_write_date": None,
        "synced_at": None,
    }
    address = f"/api/{path}/{made.json()['id']}/"

    changed = api.patch(address, {"price": None, "tax_included": True}, format="json")
    assert (changed.json()["price"], changed.json()["tax_included"]) == (None, True)

    assert api.delete(address).status_code == 204
    assert api.get(address).json()["active"] is False


def test_a_create_that_is_repeated_gives_the_first_answer(api):
    answers = [
        api.post(
            "/api/products/", {"name": "Lamp"}, format="json", headers={"Idempotency-Key": "one"}
        )
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert Product.objects.count() == 1


def test_what_odoo_owns_answers_409(api):
    item = from_odoo(name="Lamp")
    address = f"/api/products/{item.pk}/"

    refused = api.patch(address, {"name": "Chair"}, format="json")
    assert (refused.status_code, refused.json()["type"]) == (409, "odoo_owned")
    assert list(refused.json()["fields"]) == ["name"]

    # Read, one free field changed, all of it sent back.
    whole = api.get(address).json() | {"active": False}
    answer = api.put(address, whole, format="json")
    assert answer.status_code == 200, answer.json()
    assert answer.json()["active"] is False


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": "Lamp", "price": "-1"}, "price"),
        ({"name": "Lamp", "price": "1", "currency": "12"}, "currency"),
        ({"name": "Lamp", "url": "javascript:alert(1)"}, "url"),
        ({"name": "Lamp", "image": 99}, "image"),
        ({"name": "Lamp", "posts": [99]}, "posts"),
        ({"name": "Lamp", "odoo_id": 5}, "odoo_id"),
        ({"name": "Lamp", "colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_named(api, sent, named):
    refused = api.post("/api/products/", sent, format="json")

    assert refused.status_code == 400
    assert named in refused.json()["fields"]


def test_filters_and_search(api):
    lamp = make_product(name="Oak lamp", price=Decimal(30))
    make_product(name="Oak chair", is_active=False)
    make_product(name="Pine chair", is_available=False)
    post = PostFactory()
    lamp.posts.add(post)

    def names(query: str) -> list[str]:
        answer = api.get(f"/api/products/?ordering=name&{query}")
        assert answer.status_code == 200, answer.json()
        return [row["name"] for row in answer.json()["results"]]

    assert names("") == ["Oak chair", "Oak lamp", "Pine chair"]
    assert names("active=true") == ["Oak lamp", "Pine chair"]
    assert names("available=false") == ["Pine chair"]
    assert names("search=oak") == ["Oak chair", "Oak lamp"]
    assert names(f"post={post.pk}") == ["Oak lamp"]
    assert api.get("/api/products/?active=perhaps").status_code == 400


@pytest.mark.parametrize("rows", [1, 12])
def test_the_list_costs_the_same_however_long(api, marketer, rows, django_assert_num_queries):
    for _ in range(rows):
        make_service(image=picture(marketer))
    api.get("/api/services/")

    with django_assert_num_queries(2):
        answer = api.get("/api/services/")

    assert len(answer.json()["results"]) == rows


def test_by_role():
    item = make_product()
    for role, reads, writes in (("Analyst", 200, 403), ("Approver", 200, 403)):
        client = APIClient()
        client.force_authenticate(UserFactory(role=role))
        assert client.get("/api/products/").status_code == reads
        assert client.post("/api/products/", {"name": "x"}, format="json").status_code == writes
        assert client.delete(f"/api/products/{item.pk}/").status_code == writes
    assert APIClient().get("/api/products/").status_code == 401


def test_a_post_about_it(api, marketer):
    item = make_product(name="Lamp", image=picture(marketer))

    made = api.post(f"/api/products/{item.pk}/write-post/", {}, format="json")

    assert made.status_code == 201, made.json()
    post = Post.objects.get(pk=made.json()["post"])
    assert post.text == "Lamp\n\n€10"
    assert [asset.pk for asset in post.media.all()] == [item.image_id]


def test_posts_are_linked_and_those_not_seen_stay(api, marketer):
    mine, other = PostFactory(author=marketer), PostFactory()
    item = from_odoo()
    item.posts.add(other)

    answer = api.patch(f"/api/products/{item.pk}/", {"posts": [mine.pk]}, format="json")

    assert answer.status_code == 200
    assert mine in item.posts.all()
