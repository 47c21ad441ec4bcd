"""The file broker with real processes: nothing half is read, nothing is lost, nothing piles up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from queue import Empty

import pytest
from django.conf import settings
from kombu import Connection

from socialhub import broker

# Large messages: writing one takes several pages of the file system.
SENDER = """
import sys
from kombu import Connection
options = {"data_folder_in": sys.argv[1], "data_folder_out": sys.argv[1],
           "control_folder": sys.argv[2]}
link = Connection("filesystem://localhost", transport="socialhub.broker:Transport",
                  transport_options=options)
queue = link.SimpleQueue(sys.argv[4])
for number in range(200):
    queue.put({"from": sys.argv[3], "number": number, "ballast": "x" * 20_000})
"""


@pytest.fixture
def folders(tmp_path):
    for name in ("messages", "processed", "control"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def queue(folders):
    # kombu remembers bindings per process, so each test names a queue of its own.
    name = f"work-{folders.name}"
    options = {
        "data_folder_in": str(folders / "messages"),
        "data_folder_out": str(folders / "messages"),
        "control_folder": str(folders / "control"),
        "store_processed": True,
        "processed_folder": str(folders / "processed"),
        "polling_interval": 0.01,
    }
    with Connection(
        "filesystem://localhost", transport="socialhub.broker:Transport", transport_options=options
    ) as connection:
        yield connection.SimpleQueue(name)


def test_a_reader_beside_busy_writers_gets_every_message_whole(folders, queue):
    paths = [str(folders / "messages"), str(folders / "control")]
    senders = [
        subprocess.Popen(
            [sys.executable, "-c", SENDER, *paths, name, queue.queue.name], cwd=settings.BASE_DIR
        )
        for name in ("a", "b", "c")
    ]

    got = []
    for _ in range(600):
        message = queue.get(timeout=60)
        got.append((message.payload["from"], message.payload["number"]))
        message.ack()

    assert [sender.wait(30) for sender in senders] == [0, 0, 0]
    assert sorted(got) == sorted((name, n) for name in "abc" for n in range(200))


def test_programs_that_start_together_all_find_their_queues(folders):
    code = SENDER.replace("range(200)", "range(1)")
    paths = [str(folders / "messages"), str(folders / "control")]

    started = [
        subprocess.Popen(
            [sys.executable, "-c", code, *paths, "x", f"queue{n}"], cwd=settings.BASE_DIR
        )
        for n in range(6)
    ]

    assert [process.wait(60) for process in started] == [0] * 6
    assert len(list((folders / "messages").glob("*.msg"))) == 6


def test_an_unreadable_message_does_not_end_the_worker(folders, queue):
    name = f"1_half.{queue.queue.name}.msg"
    (folders / "messages" / name).write_bytes(b"")

    queue.put({"number": 1})

    assert queue.get(timeout=5).payload == {"number": 1}
    with pytest.raises(Empty):
        queue.get(timeout=0.05)
    assert (folders / "processed" / name).exists()


def test_old_read_messages_are_deleted(folders):
    now = datetime.now(UTC)
    for name, age in (("old", 120), ("new", 10)):
        path = folders / "processed" / f"{name}.work.msg"
        path.write_text(json.dumps({}))
        moment = (now - timedelta(minutes=age)).timestamp()
        os.utime(path, (moment, moment))
    (folders / "messages" / "1_waiting.work.msg").write_text("{}")

    assert broker.prune(folders, now - timedelta(hours=1)) == 1
    assert sorted(p.name for p in folders.rglob("*.msg")) == ["1_waiting.work.msg", "new.work.msg"]
