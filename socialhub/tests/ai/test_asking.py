"""What the writer makes of every kind of answer, over a socket. The stub's texts are ours."""

from __future__ import annotations

import pytest

from socialhub.tests.ai.conftest import KEY
from socialhub.tests.ai.stub import MODEL, USAGE, breaks_off, drips, fails, hangs, says, sends
from socialhub.writing import MadeBy, Source, SourceKind, Variation, WhyNot, Written
from socialhub.writing.ai import AIError, AIWriter, Endpoint, Usage
from socialhub.writing.ai.checks import House

PARTS = ("El pan de hoy ya está en el horno.", "Ven a probarlo.")
GOOD = says({"parts": PARTS})
REPORTED = Usage(USAGE["prompt_tokens"], USAGE["completion_tokens"])


class NoteBook:
    """A ledger that keeps its rows in a list."""

    def __init__(self):
        self.rows = []

    def open(self, **row):
        self.rows.append(row)
        return len(self.rows) - 1

    def close(self, call, **ended):
        self.rows[call].update(ended)

    @property
    def outcomes(self):
        return [(row["outcome"], row["reason"]) for row in self.rows]


@pytest.fixture
def book():
    return NoteBook()


@pytest.fixture
def pauses():
    """How long the writer wanted to wait; nobody does."""
    return []


@pytest.fixture
def writer(stub, book, pauses):
    def build(**options):
        endpoint = Endpoint(stub.base_url, MODEL, KEY)
        return AIWriter(endpoint, book, pause=pauses.append, **{"seconds": 20, **options})

    return build


def fits(text):
    return len(text) <= 60


def explain(text):
    return f"{len(text) - 60} characters too many for Bluesky (limit 60)"


def series(writer, *, text="Hoy hay pan recién hecho.", parts=None, **options):
    source = Source(SourceKind.TEXT, text=text)
    return writer.series(source, language="es", parts=parts, fits=fits, explain=explain, **options)


def test_a_series_comes_back_checked_and_counted(stub, book, writer):
    stub.tell(GOOD)

    made = series(writer())

    assert made == Written(PARTS, MadeBy.AI)
    asked = stub.completions[0]
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.body["response_format"]["json_schema"]["schema"]["required"] == ["parts"]
    assert "Hoy hay pan recién hecho." in asked.last_words
    row = {name: book.rows[0][name] for name in ("purpose", "prompt", "attempt", "usage")}
    assert row == {"purpose": "thread", "prompt": "series@1", "attempt": 1, "usage": REPORTED}


def test_complete_parts_are_told_while_they_come(stub, writer):
    stub.tell(GOOD)
    told = []

    series(writer(on_parts=told.append))

    assert told == [[PARTS[0]], list(PARTS)]
    assert stub.completions[0].body["stream"] is True


@pytest.mark.parametrize(
    ("bad", "reason", "complaint"),
    [
        (
            {"parts": ["x" * 74, PARTS[1]]},
            "breaks_rules",
            "- part 1 is too long: 14 characters too many for Bluesky (limit 60)",
        ),
        ({"parts": [PARTS[0], ""]}, "breaks_rules", "- part 2 is empty"),
        ({"parts": [*PARTS, "Más."]}, "breaks_rules", "- there are 3 parts, it must be exactly 2"),
        (
            {"parts": ["Pan barato a 2,50 €.", PARTS[1]]},
            "breaks_rules",
            '- part 1 is using "barato", which is forbidden\n'
            "- part 1 is naming the price 2,50 €, which is not in the material",
        ),
        (
            {"parts": ["Mira https://otra.example/pan.", PARTS[1]]},
            "breaks_rules",
            "- part 1 is naming the address https://otra.example/pan, which is not in the material",
        ),
        (
            {"parts": ["The bread of the day is on the table for you.", "Be with us at the shop."]},
            "breaks_rules",
            "- it must be written in Spanish",
        ),
        ('{"parts": ["El pan', "unreadable", "- It is not the JSON that was asked for"),
        ({"parts": "El pan"}, "unreadable", "(parts: Input should be a valid array)"),
        ({"parts": [], "mood": "good"}, "unreadable", "(mood: Extra inputs are not permitted)"),
    ],
)
def test_a_wrong_answer_is_asked_for_again_with_the_reason(
    stub, book, writer, bad, reason, complaint
):
    stub.tell(says(bad), GOOD)

    made = series(writer(house=House(forbidden=("barato",))), parts=2)

    assert made == Written(PARTS, MadeBy.AI)
    assert book.outcomes == [("invalid", reason), ("accepted", "")]
    again = stub.completions[1]
    assert complaint in again.last_words
    assert again.body["messages"][-2]["role"] == "assistant"


def test_after_three_wrong_answers_it_gives_up(stub, book, writer):
    stub.tell(says({"parts": ["x" * 61]}))

    with pytest.raises(AIError) as raised:
        series(writer())

    assert (raised.value.code, len(stub.completions)) == ("not_as_asked", 3)
    assert book.outcomes == [("invalid", "breaks_rules")] * 3


def test_the_last_part_leaves_room_for_the_closing(stub, writer):
    stub.tell(says({"parts": [PARTS[0], "Y " * 20 + "ya."]}), GOOD)

    made = series(writer(), fits_last=lambda text: len(text) <= 30)

    assert made.parts == PARTS
    assert "part 2 is too long by about 13 characters" in stub.completions[1].last_words


@pytest.mark.parametrize(
    ("plays", "outcomes", "waits"),
    [
        ([fails(429, Retry_After="7"), GOOD], [("failed", "rate_limited")], [7]),
        ([fails(500), fails(503), GOOD], [("failed", "server_error")] * 2, [1, 2]),
        ([breaks_off('{"parts": ["El pan'), GOOD], [("failed", "cut_short")], [1]),
        ([sends(b"<html>Hello", "text/html"), GOOD], [("failed", "unsupported")], []),
    ],
    ids=["429", "500", "cut stream", "no stream"],
)
def test_passing_faults_are_waited_out(stub, book, pauses, writer, plays, outcomes, waits):
    stub.tell(*plays)

    made = series(writer(on_parts=lambda parts: None))

    assert made.parts == PARTS
    assert book.outcomes == [*outcomes, ("accepted", "")]
    assert pauses == waits


@pytest.mark.parametrize(
    ("play", "code", "requests", "worked"),
    [
        (fails(429, Retry_After="3600"), "rate_limited", 1, False),
        (fails(429, {"code": "insufficient_quota"}), "out_of_credit", 1, False),
        (fails(401), "key_refused", 1, False),
        (fails(403), "not_permitted", 1, False),
        (fails(404), "model_unknown", 1, False),
        (fails(400), "request_refused", 1, False),
        (fails(500), "server_error", 3, True),
        (fails(302, Location="http://10.0.0.1/v1/chat/completions"), "redirected", 1, False),
        (says("", refusal="I would rather not."), "refused", 1, True),
        (says("", finish="content_filter"), "refused", 1, True),
        (sends(b"{broken"), "unreadable", 3, True),
        (sends(b"x" * 4_100_000), "too_large", 1, True),
    ],
)
def test_what_does_not_pass_is_named(stub, book, writer, play, code, requests, worked):
    stub.tell(play)

    with pytest.raises(AIError) as raised:
        series(writer())

    assert (raised.value.code, len(stub.asked)) == (code, requests)
    assert KEY not in f"{raised.value!r} {raised.value} {raised.value.__context__!r}"
    assert book.rows[-1]["worked"] is worked


@pytest.mark.parametrize("play", [hangs, drips], ids=["silent", "dripping"])
def test_a_slow_endpoint_is_left_in_time(stub, book, writer, play):
    stub.tell(play)

    with pytest.raises(AIError) as raised:
        series(writer(seconds=0.4, on_parts=lambda parts: None))

    assert raised.value.code == "too_slow"
    assert book.rows[0]["milliseconds"] < 5_000


def test_an_endpoint_that_understands_less_is_asked_for_less(stub, book, writer):
    def refuses(message):
        return fails(400, {"message": message})

    stub.tell(
        refuses("response_format json_schema is not supported"),
        refuses("unknown field stream_options"),
        refuses("max_completion_tokens: extra field"),
        says(f'<think>{{}}</think>```json\n{"{"}"parts": ["{PARTS[0]}"]{"}"}\n```'),
    )

    made = series(writer(on_parts=lambda parts: None))
    series(writer(on_parts=lambda parts: None))

    assert made.parts == PARTS[:1]
    assert book.outcomes == [("failed", "unsupported")] * 3 + [("accepted", "")] * 2
    last = {name: value for name, value in stub.completions[-1].body.items() if name != "messages"}
    assert last == {
        "model": MODEL,
        "stream": True,
        "max_tokens": 4_000,
        "response_format": {"type": "json_object"},
    }


def test_tokens_nobody_reported_are_not_invented(stub, book, writer):
    stub.tell(says({"parts": PARTS}, usage=False))

    series(writer())

    assert book.rows[0]["usage"] is None


OLD = "Taza azul por 19,99 €. Pídela en https://taza.example/azul o escribe a @taza 🎉"


def test_a_variation_keeps_what_counts_and_differs(stub, writer):
    new = "¿La quieres azul? https://taza.example/azul: 19,99 €, nuestra taza 🎉 Dudas: @taza"
    stub.tell(
        says({"text": OLD}),
        says({"text": OLD.replace("Taza", "La taza")}),
        says({"text": new.replace("19,99 €", "18 €")}),
    )
    with pytest.raises(AIError):
        writer().vary(OLD, language="es", limit_check=lambda text: True, seed=1)
    complaints = [asked.last_words for asked in stub.completions]
    stub.tell(says({"text": new}))

    made = writer().vary(OLD, language="es", limit_check=lambda text: True, seed=1)

    assert made == Variation(new, MadeBy.AI)
    assert "- it is the same as before" in complaints[1]
    assert "- it is too much like the post or an earlier wording" in complaints[2]


def test_shortening_keeps_addresses_and_only_shortens_what_is_too_long(stub, writer):
    short = "Taza azul. https://taza.example/azul @taza"
    stub.tell(says({"text": "Taza azul: @taza"}), says({"text": short}))

    made = writer().shorten(OLD, language="es", fits=fits, explain=explain)
    again = writer().shorten(short, language="es", fits=fits, explain=explain)

    assert (made, again) == (Variation(short, MadeBy.AI), Variation(None, MadeBy.AI, WhyNot.FITS))
    assert "without https://taza.example/azul" in stub.completions[1].last_words


def test_rewriting_follows_the_wish(stub, writer):
    stub.tell(says({"text": "¡Taza azul! Ahora 15 € en https://taza.example/azul @taza"}))

    made = writer().rewrite(
        OLD, language="es", instruction="Ahora cuesta 15 €", fits=lambda text: len(text) < 80
    )

    assert made.text == "¡Taza azul! Ahora 15 € en https://taza.example/azul @taza"
    assert "The person's wish: Ahora cuesta 15 €" in stub.completions[0].last_words


def test_a_picture_is_shown_to_the_model(stub, writer):
    stub.tell(says({"text": "Una taza azul sobre una mesa."}), says({"text": ""}))

    made = writer().alt_text(language="es", context="Taza", image=b"\xff\xd8", mime="image/jpeg")
    nothing = writer().alt_text(language="es", context="IMG")

    assert made == Variation("Una taza azul sobre una mesa.", MadeBy.AI)
    assert nothing == Variation(None, MadeBy.AI, WhyNot.NOTHING_KNOWN)
    shown = stub.completions[0].body["messages"][1]["content"][1]
    assert shown == {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9g="}}
