"""Idempotency-Key: repeat a create as often as you like, it happens once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from PIL import Image

from socialhub.api.idempotency import ABANDONED_AFTER
from socialhub.models import Account, Campaign, IdempotencyKey, MediaAsset, Post, Publication
from socialhub.tests.api.conftest import client_of
from socialhub.tests.factories import InteractionFactory, UserFactory

KEY = {"Idempotency-Key": "order-66"}


@pytest.mark.django_db
def test_the_same_request_gets_the_same_answer(marketer):
    first = marketer.post("/api/posts/", {"text": "Bread", "link": ""}, headers=KEY)
    # The order of names in a body means nothing.
    second = marketer.post("/api/posts/", {"link": "", "text": "Bread"}, headers=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Post.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "body"), [("/api/posts/", {"text": "Cake"}), ("/api/campaigns/", {"text": "Bread"})]
)
def test_a_key_belongs_to_one_request(marketer, path, body):
    marketer.post("/api/posts/", {"text": "Bread"}, headers=KEY)

    response = marketer.post(path, body, headers=KEY)

    assert (response.status_code, response.data["type"]) == (409, "idempotency_key_reused")
    assert (Post.objects.count(), Campaign.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_every_user_has_keys_of_their_own(as_role):
    for client in (as_role("Marketer"), as_role("Marketer")):
        assert client.post("/api/posts/", {"text": "Bread"}, headers=KEY).status_code == 201

    assert Post.objects.count() == 2


@pytest.mark.django_db
def test_a_failed_try_does_not_use_up_the_key(marketer):
    wrong = marketer.post("/api/campaigns/", {"name": ""}, headers=KEY)
    right = marketer.post("/api/campaigns/", {"name": "Spring"}, headers=KEY)

    assert (wrong.status_code, right.status_code) == (400, 201)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "k" * 201, "tab\there"])
def test_a_key_that_is_none(marketer, key):
    response = marketer.post("/api/posts/", {"text": "x"}, headers={"Idempotency-Key": key})

    assert (response.status_code, response.data["type"]) == (400, "bad_idempotency_key")
    assert Post.objects.count() == 0


@pytest.mark.django_db
def test_while_the_first_is_under_way_the_second_waits(marketer):
    marketer.post("/api/posts/", {"text": "Bread"}, headers=KEY)
    # As the row stands between the claim and the answer.
    IdempotencyKey.objects.update(status=None, answer=None)

    response = marketer.post("/api/posts/", {"text": "Bread"}, headers=KEY)

    assert (response.status_code, response.data["type"]) == (409, "in_progress")
    assert int(response["Retry-After"]) > 0
    assert Post.objects.count() == 1


@pytest.mark.django_db
def test_a_claim_whose_process_died_is_taken_over(marketer):
    marketer.post("/api/posts/", {"text": "Bread"}, headers=KEY)
    Post.objects.all().delete()
    died = timezone.now() - ABANDONED_AFTER - timedelta(seconds=1)
    IdempotencyKey.objects.update(status=None, answer=None, created_at=died)

    response = marketer.post("/api/posts/", {"text": "Bread"}, headers=KEY)

    assert response.status_code == 201
    assert Post.objects.count() == 1
    assert IdempotencyKey.objects.get().status == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/api/posts/", "/api/campaigns/"])
def test_of_many_at_once_one_is_carried_out(path):
    user = UserFactory(role="Marketer")
    body = {"text": "Bread"} if path == "/api/posts/" else {"name": "Spring"}
    clients = [client_of(user) for _n in range(4)]
    barrier = Barrier(len(clients))

    def send(client):
        try:
            barrier.wait(timeout=30)
            return client.post(path, body, headers=KEY)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(send, clients))

    made = [response.json()["id"] for response in answers if response.status_code == 201]
    others = [response for response in answers if response.status_code != 201]
    assert made and len(set(made)) == 1
    assert {response.json()["type"] for response in others} <= {"in_progress"}
    assert Post.objects.count() + Campaign.objects.count() == 1


def picture(colour: str) -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (20, 10), colour).save(content, "PNG")
    return SimpleUploadedFile("a.png", content.getvalue(), "image/png")


@pytest.mark.django_db
def test_files_are_compared_by_content(marketer):
    def upload(colour):
        body = {"file": picture(colour), "alt_text": "A colour"}
        return marketer.post("/api/media/", body, format="multipart", headers=KEY)

    first, second, other = upload("red"), upload("red"), upload("blue")

    assert [r.status_code for r in (first, second, other)] == [201, 201, 409]
    assert second.json() == first.json()
    assert MediaAsset.objects.count() == 1


@pytest.mark.django_db
def test_an_answer_is_sent_once(marketer):
    interaction = InteractionFactory()
    path = f"/api/interactions/{interaction.pk}/reply/"

    first = marketer.post(path, {"text": "Two euros"}, headers=KEY)
    second = marketer.post(path, {"text": "Two euros"}, headers=KEY)

    assert (first.status_code, second.json()) == (201, first.json())
    assert Publication.objects.filter(answers=interaction).count() == 1


@pytest.mark.django_db(transaction=True)
def test_connecting_is_repeated_without_asking_the_network_again(admin, sandbox):
    body = {
        "platform": "sandbox",
        "server_url": sandbox.base_url,
        "handle": "bakery",
        "secret": "sandbox-bakery",
    }

    first = admin.post("/api/accounts/", body, headers=KEY)
    second = admin.post("/api/accounts/", body, headers=KEY)

    assert (first.status_code, second.json()) == (201, first.json())
    assert Account.objects.count() == 1
    assert b"sandbox-bakery" not in str(IdempotencyKey.objects.values().get()).encode()
