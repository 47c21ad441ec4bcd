"""The pages, to play the salesperson."""

from __future__ import annotations

import re

import pytest
import requests


def page(standin, path: str, language: str = "en") -> requests.Response:
    headers = {"Accept-Language": language}
    return requests.get(standin.base_url + path, headers=headers, timeout=10)


def act(standin, path: str, **form: str) -> requests.Response:
    return requests.post(standin.base_url + path, data=form, timeout=10)


@pytest.mark.parametrize("language", ["en", "es-ES,es;q=0.9"])
def test_every_page_says_what_it_is(standin, language):
    standin.reset(demo=True)
    standin.add("crm.lead", name="x")

    for path in ("/", "/odoo", "/web", "/odoo/products", "/odoo/crm.lead/1"):
        answer = page(standin, path, language)

        assert answer.status_code == 200
        assert "stand-in odoo" in answer.text.split("</p>")[0].lower()


def test_a_lead_stands_in_its_stage(standin19):
    standin19.add("crm.lead", name="Tea & <i>more</i>", contact_name="Ana", stage_id=2)
    standin19.add("crm.lead", name="Away", active=False)

    columns = page(standin19, "/odoo").text.split('<section class="box">')[1:]

    assert [one.split(" <small>")[0] for one in columns] == [
        "<h2>New",
        "<h2>Qualified",
        "<h2>Proposition",
        "<h2>Won",
        "<h2>Lost",
    ]
    assert "Tea &amp; &lt;i&gt;more&lt;/i&gt;" in columns[1]
    assert "Away" in columns[4]


def test_the_buttons_sell(standin19):
    lead = standin19.add("crm.lead", name="x")["id"]
    path = f"/odoo/crm.lead/{lead}"

    act(standin19, path, act="next")
    act(standin19, path, act="quote", amount="99,90")
    won = act(standin19, path, act="win", amount="120")
    act(standin19, path, act="invoice", amount="120")

    [row] = standin19.rows("crm.lead")
    [order] = standin19.rows("sale.order")
    assert (won.status_code, won.url) == (200, standin19.base_url + path)
    assert (row["won_status"], row["expected_revenue"]) == ("won", 120)
    assert (order["state"], order["amount_untaxed"]) == ("sale", 120)
    assert "INV/" in page(standin19, path).text


def test_lost_and_restored(standin19):
    lead = standin19.add("crm.lead", name="x")["id"]

    act(standin19, f"/odoo/crm.lead/{lead}", act="lose")
    lost = standin19.rows("crm.lead")[0]["won_status"]
    act(standin19, f"/odoo/crm.lead/{lead}", act="restore")

    assert (lost, standin19.rows("crm.lead")[0]["won_status"]) == ("lost", "pending")


def test_a_price_can_be_edited(standin19):
    product = standin19.add("product.template", name="Cup", list_price=5)

    answer = act(standin19, f"/odoo/product.template/{product['id']}", price="6,50")

    [row] = standin19.rows("product.template")
    assert answer.url == f"{standin19.base_url}/odoo/products#p1"
    assert row["list_price"] == 6.5
    assert row["write_date"] > product["write_date"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/odoo/crm.lead/1", {"act": "explode"}),
        ("/odoo/crm.lead/1", {"act": "win", "amount": "much"}),
        ("/odoo/crm.lead/99", {"act": "next"}),
        ("/odoo/product.template/1", {}),
    ],
)
def test_forms_that_make_no_sense(standin19, path, form):
    standin19.add("crm.lead", name="x")

    assert act(standin19, path, **form).status_code == 422


def test_pages_that_are_not_there(standin19):
    assert page(standin19, "/odoo/crm.lead/99").status_code == 404
    assert page(standin19, "/nothing").status_code == 404


def test_a_missing_app_says_so(standin19):
    standin19.settings(apps={"crm": False, "product": False, "sale": False})

    assert "not installed" in page(standin19, "/odoo").text
    assert "not installed" in page(standin19, "/odoo/products").text


def test_nothing_is_loaded_from_elsewhere(standin19):
    standin19.reset(demo=True)
    loading = re.compile(r"(?:src|href|url|import)\W{1,3}(?:https?:)?//")

    for path in ("/odoo", "/odoo/products", "/standin.css", "/standin.js"):
        assert loading.search(page(standin19, path).text) is None
