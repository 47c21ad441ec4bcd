"""POST /api/ab-tests/calculate/: every figure, and every kind of bad input."""

from __future__ import annotations

import math

import pytest
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from analytics.tests.test_api_schema import missing
from experiments import wording
from experiments.statistics import claims
from socialhub import roles

pytestmark = pytest.mark.django_db

ADDRESS = "/api/ab-tests/calculate/"
FIELDS = {"status", "winner", "claim", "omnibus", "pairs", "variants", "srm", "phi", "paired"}
A = {"name": "A", "engagements": 300, "impressions": 10_000}
B = {"name": "B", "engagements": 380, "impressions": 10_000}
HOURLY = [[[3, 100], [4, 100]]] * 100
BLOCKS = [[[20 + i, 1000], [31 + 2 * i, 1000]] for i in range(6)]


def asked(*variants, **others):
    return {"kind": "proportion", "design": "split", "variants": list(variants), **others}


def test_two_variants_as_statsmodels_sees_them(analyst):
    data = analyst.post(ADDRESS, asked(A, B)).data
    (pair,) = data["pairs"]
    p = proportions_ztest([380, 300], [10_000, 10_000])[1]

    assert set(data) >= {*FIELDS, "cmh", "looks"}
    assert (data["status"], data["winner"]) == ("winner", "B")
    assert (pair["a"], pair["b"]) == ("A", "B")
    assert (pair["p_raw"], data["omnibus"]["p"]) == pytest.approx((p, p), rel=1e-6)
    assert pair["ci"] == pytest.approx(
        confint_proportions_2indep(380, 10_000, 300, 10_000, "newcomb", "diff"), rel=1e-6
    )
    assert pair["lift"] == pytest.approx(80 / 300)


def test_a_small_difference_is_no_winner(analyst):
    data = analyst.post(ADDRESS, asked(A, {**B, "engagements": 310})).data

    assert (data["status"], data["winner"]) == ("inconclusive", None)


def test_two_tied_leaders_are_no_winner(analyst):
    """The table as a whole differs beyond doubt; the best of it does not."""
    best = [{"name": name, "engagements": 400, "impressions": 10_000} for name in "AB"]
    data = analyst.post(ADDRESS, asked(*best, {**A, "name": "C"})).data

    assert data["omnibus"]["p"] < 0.001
    assert (data["status"], data["winner"]) == ("inconclusive", None)


def test_variants_without_a_name_are_called_by_their_place(analyst):
    unnamed = [{"engagements": 300, "impressions": 10_000}] * 3
    data = analyst.post(ADDRESS, asked(*unnamed)).data

    assert [one["name"] for one in data["variants"]] == ["A", "B", "C"]


def test_zero_impressions_are_too_little_to_say_anything(analyst):
    empty = [{"name": name, "engagements": 0, "impressions": 0} for name in "AB"]
    data = analyst.post(ADDRESS, asked(*empty)).data

    assert (data["status"], data["winner"], data["omnibus"]["p"]) == ("insufficient_data", None, 1)
    assert data["pairs"][0]["ci"] is None


def test_one_empty_variant(analyst):
    data = analyst.post(ADDRESS, asked(A, {**B, "engagements": 0, "impressions": 0})).data

    assert data["winner"] is None
    assert data["variants"][1]["rate"] is None


def test_more_engagements_than_impressions_are_a_rate(analyst):
    viral = [{**A, "impressions": 250}, {**B, "impressions": 250}]
    refused = analyst.post(ADDRESS, asked(*viral))
    data = analyst.post(ADDRESS, asked(*viral, kind="rate")).data

    assert (refused.status_code, refused.data["type"]) == (400, "above_impressions")
    assert (data["status"], data["winner"]) == ("winner", "B")
    assert data["variants"][1]["rate"] == pytest.approx(380 / 250)


def test_without_impressions_only_engagements_are_compared(analyst):
    blind = [{"name": "A", "engagements": 30}, {"name": "B", "engagements": 70}]
    refused = analyst.post(ADDRESS, asked(*blind, kind="rate"))
    data = analyst.post(ADDRESS, asked(*blind, kind="count")).data

    assert (refused.status_code, refused.data["type"]) == (400, "no_impressions")
    assert (data["status"], data["winner"]) == ("winner", "B")
    assert "more reactions" in data["claim"]
    assert "rate" not in data["claim"]


def test_counts_of_two_to_the_53(analyst):
    large = [
        {"name": "A", "engagements": 2**52, "impressions": 2**53},
        {"name": "B", "engagements": 2**52 + 2**28, "impressions": 2**53},
    ]
    data = analyst.post(ADDRESS, asked(*large)).data
    z = proportions_ztest([2**52 + 2**28, 2**52], [2**53, 2**53])[0]

    assert data["omnibus"]["statistic"] == pytest.approx(z**2, rel=1e-6)
    assert data["winner"] == "B"


def test_a_split_that_did_not_happen_is_invalid(analyst):
    more = {**B, "engagements": 450, "impressions": 11_000}
    uneven = analyst.post(ADDRESS, asked(A, more)).data
    meant = analyst.post(ADDRESS, asked(A, {**more, "weight": 1.1})).data

    assert (uneven["status"], uneven["srm"]["p"] < 0.001) == ("invalid", True)
    assert (meant["status"], meant["srm"]["p"] > 0.1) == ("winner", True)


def test_values_of_posts(analyst):
    some = [
        {"name": "A", "values": [1.0, 1.2, 0.9, 1.1]},
        {"name": "B", "values": [2.0, 2.2, 1.9, 2.3]},
    ]
    data = analyst.post(ADDRESS, asked(*some, kind="per_post", design="single_post")).data

    assert (data["status"], data["winner"]) == ("winner", "B")
    assert data["omnibus"]["method"] == "welch"


def test_matched_slots(analyst):
    body = asked(A, B, design="paired_slots", blocks=BLOCKS)
    data = analyst.post(ADDRESS, body).data

    assert (data["status"], data["winner"]) == ("winner", "B")
    assert data["paired"]["slots"] == 6
    assert data["cmh"]["strata"] == 6


def test_one_post_each_says_nothing_about_the_text(analyst):
    data = analyst.post(ADDRESS, asked(A, B, design="single_post")).data

    assert data["causal"] is False
    assert "this post did better" in data["claim"]


def wrong(**change):
    return asked(A, {**B, **change})


BAD = {
    "engagements above impressions": (wrong(engagements=10_001), "variants.1.engagements"),
    "negative": (wrong(engagements=-1), "variants.1.engagements"),
    "text": (wrong(engagements="many"), "variants.1.engagements"),
    "text that is a number": (wrong(impressions="10000"), "variants.1.impressions"),
    "half": (wrong(engagements=2.5), "variants.1.engagements"),
    "true": (wrong(engagements=True), "variants.1.engagements"),
    "list": (wrong(engagements=[1]), "variants.1.engagements"),
    "too large": (wrong(impressions=10**400), "variants.1.impressions"),
    "no engagements": (asked(A, {"name": "B", "impressions": 9}), "variants.1.engagements"),
    "no impressions": (wrong(impressions=None), "variants.1.impressions"),
    "an empty variant": (asked(A, {}), "variants.1.engagements"),
    "no weight": (wrong(weight=0), "variants.1.weight"),
    "weight as text": (wrong(weight="1"), "variants.1.weight"),
    "a name twice": (wrong(name="A"), "variants.1.name"),
    "unknown field": (wrong(clicks=3), "variants.1.clicks"),
    "one variant": (asked(A), "variants"),
    "no variant": (asked(), "variants"),
    "variants as text": ({**asked(), "variants": "A, B"}, "variants"),
    "eleven variants": (asked(*[{**A, "name": str(i)} for i in range(11)]), "variants"),
    "confidence 95": (asked(A, B, confidence=95), "confidence"),
    "confidence as text": (asked(A, B, confidence="0.95"), "confidence"),
    "kind": (asked(A, B, kind="mood"), "kind"),
    "design": (asked(A, B, design="vibes"), "design"),
    "hourly as text": (asked(A, B, hourly="x"), "hourly"),
    "an hour without one": (asked(A, B, hourly=[[[1, 10]]]), "hourly"),
    "a cell of three": (asked(A, B, looks=[[[1, 2, 3], [1, 2, 3]]]), "looks"),
    "a row of text": (asked(A, B, blocks=["x"]), "blocks"),
    "planned looks": (asked(A, B, planned_looks=0), "planned_looks"),
    "planned looks as text": (asked(A, B, planned_looks="7"), "planned_looks"),
    "tuning": (asked(A, B, tuning_total_n=-5), "tuning_total_n"),
    "a value without bounds": (
        asked({"values": [1, 1e300]}, {"values": [1, 2]}, kind="per_post"),
        "variants.0.values",
    ),
    "prior": (asked(A, B, prior=[0, 1]), "prior"),
    "prior as text": (asked(A, B, prior="flat"), "prior"),
    "a huge prior": (asked(A, B, prior=[10**400, 1]), "prior"),
    "unknown name": (asked(A, B, colour="red"), "colour"),
}


@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD)
def test_bad_input_names_its_place(analyst, body, field):
    response = analyst.post(ADDRESS, body)

    assert response.status_code == 400
    assert set(response.data) == {"type", "title", "detail", "fields"}
    assert [name for name in response.data["fields"] if name.startswith(field)]


@pytest.mark.parametrize("count", [10_001, -1, "many", 2.5, None])
def test_the_variant_at_fault_is_called_by_its_name(analyst, count):
    named = {"name": "Long text", "engagements": count, "impressions": 10_000}

    assert "Long text" in analyst.post(ADDRESS, asked(A, named)).data["detail"]


def test_not_a_number_is_no_json(analyst):
    body = '{"variants": [{"engagements": NaN, "impressions": 1}]}'
    response = analyst.post(ADDRESS, body, content_type="application/json")

    assert (response.status_code, response.data["type"]) == (400, "parse_error")


def test_counters_that_fall_are_corrections_of_a_network(analyst):
    looks = [[[3 * i, 100 * i], [4 * i, 100 * i]] for i in range(1, 101)]
    looks[50] = [[3 * 20, 100 * 20], [4 * 51, 100 * 51]]
    response = analyst.post(ADDRESS, asked(A, B, looks=looks, planned_looks=200))

    assert response.status_code == 200
    assert len(response.data["looks"]) == 100


def test_a_lift_over_almost_nothing_is_not_said(analyst):
    some = [{"values": [1e-310, 1e-310]}, {"values": [1e12, 1e11]}]
    data = analyst.post(ADDRESS, asked(*some, kind="per_post")).json()

    assert data["pairs"][0]["lift"] is None


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_role_may_calculate(as_role, role):
    assert as_role(role).post(ADDRESS, asked(A, B)).status_code == 200


def test_others_may_not(as_role):
    assert as_role(None).post(ADDRESS, asked(A, B)).status_code == 403


BODIES = {
    "split": asked(A, B, hourly=HOURLY),
    "rate": asked(A, B, kind="rate", looks=[[[3, 100], [4, 100]]], planned_looks=3),
    "count": asked(A, B, kind="count"),
    "slots": asked(A, B, design="paired_slots", blocks=BLOCKS),
    "posts": asked({"values": [1, 2]}, {"values": [2, 3]}, kind="per_post"),
    "nothing": asked({**A, "engagements": 0}, {**B, "engagements": 0}),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_document_names_what_the_answer_holds(analyst, body):
    document = SchemaGenerator().get_schema(request=None, public=True)
    answer = document["paths"][ADDRESS]["post"]["responses"]["200"]["content"]
    data = analyst.post(ADDRESS, body).json()
    # Free in form: what a pair of variants has depends on the design.
    fixed = {name: value for name, value in data.items() if name not in ("paired", "cmh", "looks")}
    rest = {"paired": None, "cmh": None, "looks": []}

    assert missing(document, answer["application/json"]["schema"], {**fixed, **rest}) == []


def finite(value) -> bool:
    if isinstance(value, dict):
        return all(map(finite, value.values()))
    if isinstance(value, list):
        return all(map(finite, value))
    return not isinstance(value, float) or math.isfinite(value)


@pytest.mark.parametrize("kind", ["proportion", "rate", "count"])
@pytest.mark.parametrize(
    "counts", [(0, 0, 1, 5), (5, 5, 0, 5), (0, 10, 0, 10), (1, 2**53, 2**53, 2**53), (1, 1, 1, 1)]
)
def test_every_answer_is_json(analyst, kind, counts):
    x0, n0, x1, n1 = counts
    body = asked(
        {"engagements": x0, "impressions": n0}, {"engagements": x1, "impressions": n1}, kind=kind
    )
    response = analyst.post(ADDRESS, body)

    assert response.status_code == 200
    assert finite(response.json())


def test_every_claim_has_words_in_the_language_of_the_reader():
    assert set(wording.CLAIMS) == set(claims.SENTENCES)
    with translation.override("en"):
        assert wording.claim("post_rate") == claims.SENTENCES["post_rate"]
