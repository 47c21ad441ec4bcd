"""The reliability page: a table of outcomes made from a run of the fault matrix.

Nothing in it changes from run to run as long as the outcomes are the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from socialhub.tests.stack.cells import (
    BAD,
    MEANINGS,
    PARTS,
    Cell,
    needed_a_person,
    verdict,
    was_unknown,
)

# Fault → what it is, in the order of the page.
SINGLE = {
    "timeout_after_accept": "published, no answer",
    "502_after_accept": "published, answer 502",
    "500_after_accept": "published, answer 500",
    "408_after_accept": "published, answer 408",
    "unreadable_200": "published, answer unreadable",
    "reset_after_accept": "published, line cut",
    "reset_before": "not published, line cut",
    "rate_limited": "too many requests",
}
PROCESSES = {
    "killed before the fence": "worker killed before the request",
    "killed inside": "worker killed between request and answer",
    "stack killed": "everything killed in mid-publish",
    "messages dropped": "all messages of the broker lost",
    "two workers": "two workers, five messages per post",
    "frozen": "worker frozen, replaced, thawed",
}
INTRO = """\
# Reliability

Made by `./run.sh reliability`. Do not edit: a test makes the same tables and fails when one of
them differs.

Every post meets one fault on one network. The workers are real processes and are really killed;
each network is a process of its own that carries requests out and then loses the answer. The
outcome is read from the network's own list of posts, not from ours. Bluesky has its own run of
the same faults against its real server software (`./run.sh realnet`).

The other networks are stand-ins written from their documentation: what is shown here is what
SocialHub does when a network behaves as documented, not that the network does.
"""

SERIES = """\
The outcome of the part that met the fault. All parts are out in their order, each in its place: an
answer to the part before, a comment under the first, or a numbered post of its own, as the network
allows. Where it says stopped, the parts before it are out and those after it wait.
"""


def page(cells: list[Cell]) -> str:
    names = list(dict.fromkeys(cell.network.name for cell in cells))
    found = {(c.network.name, c.fault, c.part): verdict(c) for c in cells}
    single = [(text, fault, 0) for fault, text in SINGLE.items()]
    process = [(text, fault, 0) for fault, text in PROCESSES.items()]
    parts = [(f"answer to part {n} lost", "lost", n) for n in range(1, PARTS + 1)]
    parts.append(("part 3 refused", "refused", 3))
    blocks = [
        INTRO,
        _meanings(found.values()),
        f"## A post\n\n{_table(names, single, found)}",
        f"## A series of {PARTS}\n\n{SERIES}\n{_table(names, parts, found)}",
        f"## Processes\n\n{_table(names, process, found)}",
        f"## Counts\n\n{_counts(names, cells, found)}",
    ]
    return "\n\n".join(block.strip() for block in blocks) + "\n"


def _meanings(outcomes: Iterable[str]) -> str:
    rows = [(f"**{word}**", MEANINGS[word]) for word in MEANINGS if word in set(outcomes)]
    return _grid([("outcome", "means"), *rows])


def _table(
    names: list[str],
    rows: list[tuple[str, str, int]],
    found: dict[tuple[str, str, int], str],
) -> str:
    lines = [
        (text, *(found.get((name, fault, part), "–") for name in names))
        for text, fault, part in rows
    ]
    return _grid([("", *(f"`{name}`" for name in names)), *lines])


def _counts(names: list[str], cells: list[Cell], found: dict[tuple[str, str, int], str]) -> str:
    lines = []
    for name in names:
        own = [cell for cell in cells if cell.network.name == name]
        hit = [cell.hit for cell in own if was_unknown(cell.hit)]
        alone = [row for row in hit if not needed_a_person(row)]
        wrong = [found[name, c.fault, c.part] for c in own]
        lines.append(
            (
                f"`{name}`",
                str(sum(len(cell.rows) for cell in own)),
                str(sum("copies" in text for text in wrong)),
                str(sum("lost" in text and text.startswith(BAD) for text in wrong)),
                str(len(hit)),
                f"{100 * len(alone) // len(hit)} %" if hit else "–",
            )
        )
    head = ("", "posts", "twice", "lost", "unknown outcomes", "settled without a person")
    return _grid([head, *lines])


def _grid(rows: list[tuple[str, ...]]) -> str:
    head, *lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *lines])
