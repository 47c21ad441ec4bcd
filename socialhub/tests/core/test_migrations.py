"""Every migration works on a database that has rows already."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from socialhub.models import Account, Publication

FIRST = ("socialhub", "0001_initial")


# Every migration of every app, back and forth.
@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_rows_of_the_first_version_survive_every_later_migration():
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([FIRST])
    old = MigrationExecutor(connection).loader.project_state([FIRST]).apps
    account = old.get_model("socialhub", "Account").objects.create(
        platform="sandbox", handle="shop", remote_id="shop", status="active"
    )
    post = old.get_model("socialhub", "Post").objects.create(text="Bread")
    row = old.get_model("socialhub", "Publication").objects.create(post=post, account=account)

    MigrationExecutor(connection).migrate(latest)

    publication = Publication.objects.select_related("account", "post").get()
    assert (publication.pk, publication.post.text) == (row.pk, "Bread")
    assert publication.account == Account.objects.get(handle="shop")
