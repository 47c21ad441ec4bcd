from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from experiments.statistics import planning
from socialhub import roles

pytestmark = pytest.mark.django_db

ADDRESS = "/api/ab-tests/plan/"
BODY = {
    "method": "fixed",
    "baseline": 0.03,
    "relative_mde": 0.2,
    "confidence": 0.95,
    "power": 0.8,
    "variants": 2,
    "daily_impressions_per_variant": 2400,
    "phi": 1,
}


def test_a_plan_that_can_be_carried_out(analyst):
    response = analyst.post(ADDRESS, BODY)

    assert response.status_code == 200
    assert response.data == {
        "n_per_variant": 13_914,
        "n_to_win": 13_914,
        "days": 6,
        "feasible": True,
        "achievable_mde": pytest.approx(0.08875, abs=1e-5),
        "refused": False,
        "detectable": None,
        "longest_days": 28,
        "sentence": "Each variant needs 13,914 impressions. That takes 6 days.",
    }


def test_a_plan_that_cannot_is_refused_politely(analyst):
    data = analyst.post(ADDRESS, {**BODY, "daily_impressions_per_variant": 50}).data

    assert (data["feasible"], data["days"]) == (False, 279)
    assert (data["refused"], data["detectable"]) == (True, 0.7)
    assert data["sentence"].endswith("In 28 days you can detect +70 % or more.")
    question = planning.Question(0.03, method="fixed")
    assert planning.size(question, 0.70) <= 28 * 50 < planning.size(question, 0.69)


def test_nobody_sees_anything(analyst):
    data = analyst.post(ADDRESS, {**BODY, "daily_impressions_per_variant": 0}).data

    assert (data["days"], data["feasible"], data["achievable_mde"]) == (None, False, None)


def test_only_the_baseline_and_the_effect_are_needed(analyst):
    data = analyst.post(ADDRESS, {"baseline": 0.03, "relative_mde": 0.2}).data

    assert data["n_per_variant"] == planning.n_per_variant(planning.Question(0.03), 0.2)
    assert (data["days"], data["feasible"]) == (None, None)


def test_a_rate_may_be_above_1(analyst):
    assert analyst.post(ADDRESS, {**BODY, "baseline": 1.8, "kind": "rate"}).status_code == 200
    assert analyst.post(ADDRESS, {**BODY, "baseline": 1.8}).data["fields"].keys() == {"baseline"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("confidence", 95),
        ("confidence", "0.95"),
        ("baseline", 0),
        ("baseline", 1),
        ("baseline", True),
        ("baseline", "three"),
        ("baseline", None),
        ("baseline", 10**400),
        ("relative_mde", 0),
        ("relative_mde", -1),
        ("relative_mde", 40),
        ("power", 80),
        ("variants", 1),
        ("variants", 11),
        ("variants", 2.5),
        ("phi", 0.2),
        ("daily_impressions_per_variant", -1),
        ("method", "magic"),
        ("colour", "red"),
    ],
)
def test_bad_input_names_its_field(analyst, field, value):
    response = analyst.post(ADDRESS, {**BODY, field: value})

    assert response.status_code == 400
    assert set(response.data) == {"type", "title", "detail", "fields"}
    assert list(response.data["fields"]) == [field]


def test_not_a_number_is_no_json(analyst):
    response = analyst.post(ADDRESS, '{"baseline": NaN}', content_type="application/json")

    assert (response.status_code, response.data["type"]) == (400, "parse_error")


@pytest.mark.parametrize("role", roles.ROLES)
def test_every_role_may_plan(as_role, role):
    assert as_role(role).post(ADDRESS, BODY).status_code == 200


def test_others_may_not(as_role):
    assert as_role(None).post(ADDRESS, BODY).status_code == 403
    assert APIClient().post(ADDRESS, BODY).status_code == 401
