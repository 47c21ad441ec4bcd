"""The generated publications as rows of the product, and its rollups made by its own code.

Imported after Django is set up on a scratch database.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.db import connection, models, transaction

from analytics.models import ActivityDay, CollectionDay, PublicationStats
from analytics.services import rebuilding
from bench.analytics import generator, loop
from bench.analytics.generator import COUNTERS, NULL, PLATFORMS, TYPES, Facts
from socialhub.models import (
    Account,
    AccountStatus,
    Credential,
    Interaction,
    Organisation,
    Post,
    Publication,
)

EPOCH = date(1970, 1, 1)
# About as long as a post on the shorter networks.
TEXT = (
    "What we learned from a year of small experiments, with the three that surprised us most "
    "and the one we will not repeat. Read on: https://example.org/blog/experiments"
)
# How much of a publication's numbers comes on its day, the day after, …: halves each 1.5 days.
SPREAD = 0.5 ** (np.arange(90) / 1.5)
PENDING = 40


def fill(count: int) -> Facts:
    """Accounts, posts, publications, numbers, rollups and what happened per day."""
    facts = generator.generate(count)
    organisation = Organisation.get()
    organisation.timezone = generator.ZONE.key
    organisation.save()
    accounts = [_account(number) for number in range(len(generator.ACCOUNTS))]
    with transaction.atomic():
        _posts(facts)
        _publications(facts, accounts)
        _stats(facts, accounts)
    rebuilding.rebuild(generator.NOW)
    _activity(facts, accounts)
    _around(accounts)
    tidy()
    return facts


def tidy() -> None:
    """Statistics for the planner, and pages that index-only reads may trust."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _account(number: int) -> Account:
    platform = PLATFORMS[generator.ACCOUNTS[number]]
    account = Account.objects.create(
        platform=platform,
        handle=f"bench{number}",
        remote_id=f"bench{number}",
        status=AccountStatus.ACTIVE,
    )
    Credential.objects.create(account=account, secrets={"token": f"bench{number}"})
    return account


def _around(accounts: Sequence[Account]) -> None:
    """Comments that wait, and the cost of collecting: other panels read them."""
    oldest = Publication.objects.order_by("pk").first()
    Interaction.objects.bulk_create(
        Interaction(
            account=accounts[number % len(accounts)],
            publication=oldest,
            remote_id=f"comment{number}",
            kind="comment",
            author_handle="visitor",
            text="How much is it?",
            created_at=generator.NOW - timedelta(hours=number),
        )
        for number in range(PENDING)
    )
    CollectionDay.objects.bulk_create(
        CollectionDay(
            utc_day=generator.LAST_DAY - timedelta(days=back),
            account=account,
            calls=96,
            measured_at=generator.NOW - timedelta(days=back),
        )
        for account in accounts
        for back in range(generator.DAYS)
    )


# -- rows of the product -----------------------------------------------------------------


def _posts(facts: Facts) -> None:
    # The first publication of each post.
    ids, places = np.unique(facts.post, return_index=True)
    insert(
        Post,
        {
            "id": ids.tolist(),
            "text": [f"Post {one}. {TEXT}" for one in ids.tolist()],
            "content_type": _names(TYPES, facts.content_type[places]),
            "is_reply": facts.is_reply[places].tolist(),
            "created_at": _moments(facts.published_at[places]),
        },
        status="approved",
        content_hash="0" * 64,
        approved_hash="0" * 64,
        updated_at=generator.NOW,
    )


def _publications(facts: Facts, accounts: Sequence[Account]) -> None:
    ids = range(1, len(facts) + 1)
    at = _moments(facts.published_at)
    insert(
        Publication,
        {
            "id": ids,
            "post_id": facts.post.tolist(),
            "account_id": _account_ids(facts, accounts),
            "due_at": at,
            "published_at": at,
            "remote_id": [f"r{one}" for one in ids],
            "permalink": [f"https://example.org/{one}" for one in ids],
        },
        status="published",
        created_at=generator.NOW,
        updated_at=generator.NOW,
    )


def _stats(facts: Facts, accounts: Sequence[Account]) -> None:
    """Younger than 90 days: next read within a day, so that the index of what is due is real."""
    now = int(generator.NOW.timestamp())
    ids = np.arange(1, len(facts) + 1)
    young = facts.published_at > now - 90 * 86_400
    due = np.where(young, now + 60 + ids * 7_919 % 86_400, NULL)
    silent = np.all([facts.counters[name] == NULL for name in COUNTERS], axis=0)
    measured = np.where(silent, NULL, np.minimum(facts.published_at + 90 * 86_400, now - 900))
    insert(
        PublicationStats,
        {
            "publication_id": ids.tolist(),
            "post_id": facts.post.tolist(),
            "account_id": _account_ids(facts, accounts),
            "platform": _names(PLATFORMS, facts.platform),
            "content_type": _names(TYPES, facts.content_type),
            "is_reply": facts.is_reply.tolist(),
            "published_at": _moments(facts.published_at),
            "local_day": _days(facts.local_day),
            "hour_of_week": facts.hour_of_week.tolist(),
            "previous_day": _days(facts.previous_day),
            "previous_day_on_network": _days(facts.previous_day_on_network),
            "metrics_at": _moments(measured),
            "next_collect_at": _moments(due),
            **{name: nullable(facts.counters[name]) for name in COUNTERS},
        },
        first_seen_at=generator.NOW,
    )


def _activity(facts: Facts, accounts: Sequence[Account]) -> None:
    """What happened per day: the numbers of each cell spread over the 90 days after publishing."""
    shape = (generator.DAYS, len(accounts), len(TYPES))
    first = (generator.LAST_DAY - EPOCH).days - generator.DAYS + 1
    cell = np.ravel_multi_index((facts.local_day - first, facts.account, facts.content_type), shape)
    columns: dict[str, Any] = {}
    for name in (*COUNTERS, "engagements"):
        values = facts.engagements() if name == "engagements" else facts.counters[name]
        known = (values != NULL) & ~facts.is_reply
        sums = np.bincount(cell[known], values[known], minlength=np.prod(shape))
        columns[name] = _spread(sums.reshape(shape))
    # A network's unreported counters stay unknown.
    for number, account in enumerate(generator.ACCOUNTS):
        for name in generator.UNREPORTED[PLATFORMS[account]]:
            columns[name][:, number] = NULL
    happened = np.nonzero(columns["engagements"])
    insert(
        ActivityDay,
        {
            "local_day": _days(happened[0] + first),
            "account_id": [accounts[one].pk for one in happened[1].tolist()],
            "platform": [accounts[one].platform for one in happened[1].tolist()],
            "content_type": _names(TYPES, happened[2]),
            **{name: nullable(column[happened]) for name, column in columns.items()},
        },
    )


def _spread(sums: Any) -> Any:
    share = SPREAD / SPREAD.sum()
    spread = np.zeros_like(sums)
    for back, part in enumerate(share):
        spread[back:] += sums[: len(sums) - back] * part
    return np.rint(spread).astype(np.int64)


# -- rows of the loop ----------------------------------------------------------------------


def loop_rows(facts: Facts) -> Iterator[tuple[Any, ...]]:
    """Columns of `loop.LoopPost`; answers to comments are no posts there."""
    # SQLAlchemy compares times on SQLite as text with a fraction.
    fraction = "" if connection.vendor == "postgresql" else ".000000"
    counters = [nullable(facts.counters[name]) for name in COUNTERS]
    columns = (facts.wave, facts.post, facts.content_type, facts.platform, facts.account)
    rows = zip(
        range(1, len(facts) + 1),
        facts.is_reply.tolist(),
        _moments(facts.published_at),
        *(column.tolist() for column in columns),
        zip(*counters, strict=True),
        strict=True,
    )
    for wave, group in itertools.groupby(rows, key=lambda row: row[3]):
        publications = list(group)
        _id, reply, at, _wave, post, kind, *_rest = publications[0]
        if reply:
            continue
        numbers: dict[str, Any] = {}
        for publication, *_same, platform, account, values in publications:
            own = {"publication": publication, "account": f"bench{account}"}
            numbers[PLATFORMS[platform]] = {**own, **dict(zip(COUNTERS, values, strict=True))}
        text = f"Post {post}. {TEXT}"
        yield wave, post, text, TYPES[kind], f"{at}{fraction}", json.dumps(numbers)


def fill_loop(facts: Facts, engine: Any) -> None:
    """The loop's own table, in the same database."""
    loop.Base.metadata.create_all(engine)
    names = [column.name for column in loop.LoopPost.__table__.columns]
    with transaction.atomic():
        insert_rows(loop.LoopPost.__tablename__, names, loop_rows(facts))
    tidy()


# -- writing ---------------------------------------------------------------------------------


def insert(model: type[models.Model], columns: Mapping[str, Iterable[Any]], **same: Any) -> None:
    """Rows of `model`: `columns` differ from row to row, the other fields are alike."""
    example = model(**same)
    constants = {}
    for field in model._meta.concrete_fields:
        if field.column in columns or field.generated or field.primary_key:
            continue
        value = getattr(example, field.attname)
        stored = field.get_db_prep_save(value, connection)
        # psycopg wraps JSON.
        constants[field.column] = json.dumps(stored.obj) if hasattr(stored, "obj") else stored
    fixed = tuple(constants.values())
    rows = (row + fixed for row in zip(*columns.values(), strict=True))
    insert_rows(model._meta.db_table, [*columns, *constants], rows)


def insert_rows(table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY on PostgreSQL, one prepared INSERT elsewhere."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                for some in _chunks(rows, 5_000):
                    copy.write("".join("\t".join(map(_text, row)) + "\n" for row in some))
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)


def _chunks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    source = iter(rows)
    while some := list(itertools.islice(source, size)):
        yield some


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    return value.replace("\\", "\\\\") if isinstance(value, str) else str(value)


def nullable(column: Any) -> list[int | None]:
    return [None if value == NULL else value for value in column.tolist()]


def _names(names: Sequence[str], column: Any) -> list[str]:
    return [names[number] for number in column.tolist()]


def _account_ids(facts: Facts, accounts: Sequence[Account]) -> list[int]:
    return [accounts[number].pk for number in facts.account.tolist()]


def _moments(seconds: Any) -> list[str | None]:
    """As the database takes them: on SQLite naive text on UTC's clock."""
    zone = "+00" if connection.vendor == "postgresql" else ""
    known = np.where(seconds == NULL, 0, seconds).astype("datetime64[s]")
    texts = np.datetime_as_string(known).tolist()
    return [
        None if value == NULL else f"{text.replace('T', ' ')}{zone}"
        for value, text in zip(seconds.tolist(), texts, strict=True)
    ]


def _days(days: Any) -> list[str | None]:
    known = np.where(days == NULL, 0, days).astype("datetime64[D]")
    texts = np.datetime_as_string(known).tolist()
    return [
        None if value == NULL else text for value, text in zip(days.tolist(), texts, strict=True)
    ]
