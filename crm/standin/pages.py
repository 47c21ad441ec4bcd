"""The pages of the stand-in: a pipeline, a lead and the products, to play the salesperson."""

from __future__ import annotations

import tomllib
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from crm.standin import records
from crm.standin.control import Control
from crm.standin.engine import Engine
from crm.standin.env import ADMIN, Env
from crm.standin.schema import Model
from crm.standin.wording import OdooFault
from socialhub.sandbox.serving import Refused, Reply, Request

HERE = Path(__file__).parent
ASSETS = {"/standin.css": "text/css", "/standin.js": "text/javascript"}
SHOWN = 200
ACTIONS = ("next", "quote", "win", "invoice", "lose", "restore")
Row = dict[str, Any]
Texts = dict[str, str]


@cache
def texts(language: str) -> Texts:
    return dict(tomllib.loads((HERE / "texts.toml").read_text("utf-8"))[language])


class Pages:
    """`/odoo`, `/web`, `/odoo/crm.lead/{id}`, `/odoo/products` and what they load."""

    def __init__(self, engine: Engine, control: Control) -> None:
        self.engine, self.control = engine, control

    def answer(self, request: Request) -> Reply | None:
        """None for a path that leads nowhere."""
        path = request.path.rstrip("/") or "/"
        if path in ASSETS:
            kind = f"{ASSETS[path]}; charset=utf-8"
            return Reply((HERE / path[1:]).read_bytes(), content_type=kind)
        if path == "/":
            return _to("/odoo")
        says = texts(_language(request))
        parts = path.split("/")[1:]
        if request.method == "POST":
            return self._post(request, parts)
        if path in ("/odoo", "/web", "/odoo/crm", "/odoo/crm.lead"):
            return self._pipeline(says)
        if parts[:2] == ["odoo", "crm.lead"] and len(parts) == 3 and parts[2].isdigit():
            return self._lead(int(parts[2]), says)
        if path in ("/odoo/products", "/odoo/product.template"):
            return self._products(says)
        if parts[:2] == ["odoo", "product.template"] and len(parts) == 3:
            return _to(f"/odoo/products#p{parts[2]}")
        return None

    # -- changing ---------------------------------------------------------------------
    def _post(self, request: Request, parts: list[str]) -> Reply | None:
        form = dict(parse_qsl(request.body.decode("utf-8", errors="replace")))
        try:
            if parts[:2] == ["odoo", "crm.lead"] and len(parts) == 3:
                self._act(int(parts[2]), form)
                return _to(f"/odoo/crm.lead/{int(parts[2])}")
            if parts[:2] == ["odoo", "product.template"] and len(parts) == 3:
                self._price(int(parts[2]), form)
                return _to(f"/odoo/products#p{int(parts[2])}")
        except OdooFault as refused:
            raise Refused(422, "invalid", refused.message) from None
        except (ValueError, KeyError) as exc:
            raise Refused(422, "invalid", str(exc)) from None
        return None

    def _act(self, lead: int, form: dict[str, str]) -> None:
        what = form.get("act", "")
        if what not in ACTIONS:
            raise ValueError(f"act is one of {', '.join(ACTIONS)}")
        if what == "restore":
            model = self.engine.server.models["crm.lead"]
            self.control.act(lambda env: records.write(env, model, [lead], {"active": True}))
            return
        given = {"amount": _number(form["amount"])} if form.get("amount") else {}
        self.control.deal(what, lead, given)

    def _price(self, number: int, form: dict[str, str]) -> None:
        model = self.engine.server.models["product.template"]
        values = {model.column("list_price").name: _number(form["price"])}
        self.control.act(lambda env: records.write(env, model, [number], values))

    # -- showing ----------------------------------------------------------------------
    def _env(self, says: Texts) -> Env:
        lang = "es_ES" if says is texts("es") else "en_US"
        known = lang in self.engine.server.languages
        context = {"active_test": False, **({"lang": lang} if known else {})}
        return self.engine.env(ADMIN, context)

    def _rows(
        self, env: Env, model: Model, domain: list[Any], fields: str, order: str
    ) -> list[Row]:
        with self.engine.store.lock:
            ids = records.search(env, model, domain, 0, SHOWN, order)
            return records.read(env, model, ids, fields.split(), names=True)

    def _pipeline(self, says: Texts) -> Reply:
        env = self._env(says)
        model = env.server.models.get("crm.lead")
        if model is None:
            return _page(_empty(says["missing_app"]), says, "pipeline")
        fields = "name contact_name partner_name expected_revenue stage_id active user_id"
        leads = self._rows(env, model, [], fields, "id desc")
        stages = self._rows(env, env.model("crm.stage"), [], "name is_won", "sequence, id")
        columns = []
        for stage in stages:
            own = [one for one in leads if one["active"] and _id(one["stage_id"]) == stage["id"]]
            columns.append(_column(stage["name"], own, says))
        columns.append(_column(says["lost"], [one for one in leads if not one["active"]], says))
        note = "" if leads else _empty(says["empty"])
        return _page(f'{note}<div class="board">{"".join(columns)}</div>', says, "pipeline")

    def _lead(self, number: int, says: Texts) -> Reply:
        env = self._env(says)
        model = env.server.models.get("crm.lead")
        found = self._rows(env, model, [("id", "=", number)], "", "id") if model else []
        if not found:
            return _page(_empty(says["gone"]), says, "", 404)
        lead = found[0]
        body = (
            f"<h1>{escape(lead['name'])}</h1>{_facts(lead, says)}"
            f'<section class="box">{_buttons(lead, says, "sale.order" in env.server.models)}'
            f"</section>{self._sales(env, number, says)}"
            f'<section class="box"><h2>{says["notes"]}</h2>{lead["description"] or ""}'
            f"{self._messages(env, number, says)}</section>"
        )
        return _page(body, says, "")

    def _sales(self, env: Env, lead: int, says: Texts) -> str:
        if "sale.order" not in env.server.models:
            return ""
        own = [("opportunity_id", "=", lead)]
        orders = self._rows(
            env, env.model("sale.order"), own, "name state amount_untaxed invoice_ids", "id"
        )
        moves = [move for order in orders for move in order["invoice_ids"]]
        invoices = self._rows(
            env,
            env.model("account.move"),
            [("id", "in", moves)],
            "name amount_untaxed_signed invoice_date",
            "id",
        )
        lines = [
            f"{o['name']} · {_money(o['amount_untaxed'])} · {says[o['state']]}" for o in orders
        ]
        billed = [
            f"{i['name']} · {_money(i['amount_untaxed_signed'])} · {i['invoice_date']}"
            for i in invoices
        ]
        return _list(says["orders"], lines) + _list(says["invoices"], billed)

    def _messages(self, env: Env, lead: int, says: Texts) -> str:
        domain = [("model", "=", "crm.lead"), ("res_id", "=", lead)]
        rows = self._rows(env, env.model("mail.message"), domain, "body date author_id", "id")
        if not rows:
            return ""
        items = "".join(
            f'<li><span class="soft">{one["date"]} UTC · {escape(_name(one["author_id"]))}</span>'
            f"{one['body']}</li>"
            for one in rows
        )
        return f"<ul>{items}</ul>"

    def _products(self, says: Texts) -> Reply:
        env = self._env(says)
        model = env.server.models.get("product.template")
        if model is None:
            return _page(_empty(says["missing_app"]), says, "products")
        price = model.column("list_price").name
        fields = f"name default_code active image_128 {price}"
        rows = self._rows(env, model, [], fields, "default_code, id")
        cards = "".join(_product(one, price, says) for one in rows)
        return _page(cards or _empty(says["none"]), says, "products")


# -- pieces -------------------------------------------------------------------------
def _language(request: Request) -> str:
    first = request.headers.get("accept-language", "").split(",")[0]
    return "es" if first.strip().lower().startswith("es") else "en"


def _number(given: str) -> float:
    return float(given.strip().replace(",", "."))


def _money(amount: float) -> str:
    return f"{amount:,.2f} €".replace(",", "\u202f")


def _id(pair: Any) -> int:
    return int(pair[0]) if pair else 0


def _name(pair: Any) -> str:
    return str(pair[1]) if pair else "–"


def _to(path: str) -> Reply:
    return Reply(b"", 303, "text/html; charset=utf-8", {"Location": path})


def _empty(text: str) -> str:
    return f'<p class="empty">{text}</p>'


def _column(title: str, leads: list[Row], says: Texts) -> str:
    total = _money(sum(one["expected_revenue"] for one in leads))
    cards = "".join(
        f'<a class="card" href="/odoo/crm.lead/{one["id"]}"><b>{escape(one["name"])}</b>'
        f"<span>{escape(one['partner_name'] or one['contact_name'] or '')}</span>"
        f"<span>{_money(one['expected_revenue'])} · {escape(_name(one['user_id']))}</span></a>"
        for one in leads
    )
    head = f"<h2>{escape(title)} <small>{len(leads)} · {total}</small></h2>"
    return f'<section class="box">{head}{cards}</section>'


def _facts(lead: Row, says: Texts) -> str:
    won = lead["active"] and lead["probability"] >= 100
    stage = escape(_name(lead["stage_id"])) if lead["active"] else says["lost"]
    contact = " · ".join(
        escape(str(lead[name]))
        for name in ("contact_name", "partner_name", "email_from", "phone")
        if lead[name]
    )
    pairs = {
        says["stage"]: f'<span class="won">{stage}</span>' if won else stage,
        says["revenue"]: _money(lead["expected_revenue"]),
        says["contact"]: contact or "–",
        says["salesperson"]: escape(_name(lead["user_id"])),
        says["source"]: escape(_name(lead["source_id"])),
    }
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in pairs.items())
    return f'<section class="box"><dl>{rows}</dl></section>'


def _buttons(lead: Row, says: Texts, sale: bool) -> str:
    def button(what: str, css: str = "") -> str:
        return f'<button name="act" value="{what}"{css}>{says[what]}</button>'

    amount = f"{lead['expected_revenue']:.2f}" if lead["expected_revenue"] else ""
    field = (
        f'<label for="amount">{says["amount"]} (EUR)</label><input id="amount" name="amount"'
        f' inputmode="decimal" value="{amount}">'
    )
    selling = button("quote") + button("invoice") if sale else ""
    ending = button("lose") if lead["active"] else button("restore")
    return (
        f'<form method="post" action="/odoo/crm.lead/{lead["id"]}">{button("next")}{field}'
        f"{selling}{button('win', ' class=main')}{ending}</form>"
    )


def _list(title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<section class="box"><h2>{title}</h2><ul>{items}</ul></section>'


def _product(one: Row, price: str, says: Texts) -> str:
    picture = (
        f'<img src="data:image/png;base64,{escape(one["image_128"])}" alt="">'
        if one["image_128"]
        else "<span></span>"
    )
    number = one["id"]
    return (
        f'<section class="box product" id="p{number}">{picture}<div><b>{escape(one["name"])}</b>'
        f'<span class="soft">{escape(one["default_code"] or "")}</span></div>'
        f'<form method="post" action="/odoo/product.template/{number}">'
        f'<label for="price{number}">{says["price"]} (EUR)</label><input id="price{number}"'
        f' name="price" inputmode="decimal" value="{one[price]:.2f}">'
        f"<button>{says['save']}</button></form></section>"
    )


def _page(body: str, says: Texts, here: str, status: int = 200) -> Reply:
    language = "es" if says is texts("es") else "en"
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if name == here else ""}>{says[name]}</a>'
        for name, path in (("pipeline", "/odoo"), ("products", "/odoo/products"))
    )
    page = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{says["title"]}</title><link rel="stylesheet" href="/standin.css">'
        '<link rel="icon" href="data:,"><script src="/standin.js" defer></script></head>'
        f'<body><p class="notice">{says["notice"]}</p><main><nav>{links}</nav>{body}</main>'
        "</body></html>"
    )
    return Reply(page.encode(), status, "text/html; charset=utf-8")
