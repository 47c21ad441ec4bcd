"""Addresses people paste, and links back."""

from __future__ import annotations

import pytest

from crm.odoo import clean_url, record_url


@pytest.mark.parametrize(
    ("pasted", "clean"),
    [
        ("https://erp.example.com", "https://erp.example.com"),
        (" https://erp.example.com/ ", "https://erp.example.com"),
        (
            "https://erp.example.com/web#id=3&model=crm.lead&view_type=form",
            "https://erp.example.com",
        ),
        ("https://erp.example.com/odoo/crm/16?debug=1", "https://erp.example.com"),
        ("erp.example.com", "https://erp.example.com"),
        ("//erp.example.com/web", "https://erp.example.com"),
        ("localhost:8069", "https://localhost:8069"),
        ("http://127.0.0.1:8069/web/login", "http://127.0.0.1:8069"),
        ("HTTPS://ERP.Example.COM:443/web", "https://erp.example.com"),
        ("http://erp.example.com:80", "http://erp.example.com"),
        ("http://[::1]:8069/odoo", "http://[::1]:8069"),
        ("<https://erp.example.com>", "https://erp.example.com"),
        ("https://compañía.example", "https://compañía.example"),
    ],
)
def test_what_is_pasted_becomes_an_address(pasted, clean):
    assert clean_url(pasted) == clean


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "Enter the address of your Odoo."),
        ("   ", "Enter the address of your Odoo."),
        ("ftp://erp.example.com", "The address must begin with https:// or http://."),
        ("javascript://erp.example.com", "The address must begin with https:// or http://."),
        ("https://me:pw@erp.example.com", "Leave user name and password out of the address."),
        ("https://", "This is no valid address."),
        ("https://erp example com", "This is no valid address."),
        ("https://erp.example.com:port", "This is no valid address."),
        ("https://erp.example.com:99999", "This is no valid address."),
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(pasted, sentence):
    with pytest.raises(ValueError) as raised:
        clean_url(pasted)
    assert str(raised.value) == sentence


@pytest.mark.parametrize(
    ("major", "model", "url"),
    [
        (16, "crm.lead", "https://e.example/web#id=16&model=crm.lead&view_type=form"),
        (17, "crm.lead", "https://e.example/web#id=16&model=crm.lead&view_type=form"),
        (18, "crm.lead", "https://e.example/odoo/crm.lead/16"),
        (19, "sale.order", "https://e.example/odoo/sale.order/16"),
        (19, "lead", "https://e.example/odoo/m-lead/16"),
    ],
)
def test_a_record_has_a_page(major, model, url):
    assert record_url("https://e.example", major, model, 16) == url
