"""What the database holds after the first start, and a small shop for the demo."""

from __future__ import annotations

import base64
import io
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from crm.standin import records
from crm.standin.engine import Engine, hashed
from crm.standin.env import ADMIN, BOT, NOBODY, SALES, Env
from crm.standin.store import Transaction

DEMO = Path(__file__).parent / "demo.toml"
BOT_LOGIN = "socialhub@example.com"
# id, name, login, e-mail, password, key
USERS = (
    (1, "OdooBot", "__system__", None, None, None),
    (ADMIN, "Administrator", "admin", "admin@example.com", "admin", "admin-key"),
    (BOT, "SocialHub", BOT_LOGIN, BOT_LOGIN, None, "standin-key"),
    (SALES, "sales", "sales", "sales@example.com", "sales", "sales-key"),
    (NOBODY, "nobody", "nobody", "nobody@example.com", "nobody", "nobody-key"),
)
LANGUAGES = (
    ("English (US)", "en_US"),
    ("Spanish / Español", "es_ES"),
    ("German / Deutsch", "de_DE"),
    ("French / Français", "fr_FR"),
)
STAGES = (
    (1, "New", "Nuevo", False),
    (2, "Qualified", "Calificado", False),
    (3, "Proposition", "Propuesta", False),
    (70, "Won", "Ganado", True),
)
REASONS = ("Too expensive", "We don't have people/skills", "Not enough stock")


def seed(engine: Engine, *, demo: bool = False, products: int = 0) -> None:
    """Fill what is empty; a database that is in use stays as it is."""
    store = engine.store
    if not store.rows("SELECT id FROM res_users LIMIT 1"):
        store.run(_base, offset=engine.offset)
        engine.configure({})
    empty = not store.rows("SELECT id FROM product_template LIMIT 1")
    if demo and empty:
        store.run(lambda tx: _demo(Env(engine.server, ADMIN, tx)), offset=engine.offset)
    have = store.rows("SELECT count(*) AS n FROM product_template")[0]["n"]
    if products > have:
        store.run(lambda tx: _products(tx, have, products), offset=engine.offset)


def _row(tx: Transaction, table: str, **values: Any) -> int:
    number = values.pop("id", None)
    number = tx.next_id(table) if number is None else _reserve(tx, table, number)
    dates = {"create_date": tx.now, "write_date": tx.now}
    tx.insert(table, {"id": number, "create_uid": 1, "write_uid": 1, **dates, **values})
    return number


def _reserve(tx: Transaction, table: str, number: int) -> int:
    while tx.next_id(table) < number:
        pass
    return number


def _base(tx: Transaction) -> None:
    euro = _row(tx, "res_currency", name="EUR", full_name="Euro", symbol="€", **MONEY)
    company = _row(tx, "res_partner", name="My Company", is_company=1, active=1)
    _row(tx, "res_company", name="My Company", currency_id=euro, partner_id=company, active=1)
    for name, code in LANGUAGES:
        _row(tx, "res_lang", name=name, code=code, iso_code=code[:2], active=0)
    for number, name, login, email, password, key in USERS:
        _user(tx, name, login, email, password, key, number)
    for place, name, spanish, won in STAGES:
        stage = _row(tx, "crm_stage", name=name, sequence=place, is_won=int(won), fold=0)
        _spanish(tx, "crm.stage", stage, spanish)
    team = _row(tx, "crm_team", name="Sales", sequence=0, active=1, company_id=1)
    _spanish(tx, "crm.team", team, "Ventas")
    for name in REASONS:
        _row(tx, "crm_lost_reason", name=name, active=1)
    _row(tx, "product_category", name="All")
    for name in ("Website", "Email", "Social Media"):
        _row(tx, "utm_medium", name=name, active=1)


MONEY = {"rounding": 0.01, "decimal_places": 2, "position": "after", "active": 1}


def _user(
    tx: Transaction,
    name: str,
    login: str,
    email: str | None,
    password: str | None,
    key: str | None,
    number: int | None = None,
) -> int:
    partner = _row(tx, "res_partner", name=name, email=email, is_company=0, active=1)
    own = {} if number is None else {"id": number}
    user = _row(
        tx,
        "res_users",
        **own,
        name=name,
        login=login,
        email=email,
        partner_id=partner,
        lang="en_US",
        company_id=1,
        share=0,
        active=int(number != 1),
    )
    if password:
        tx.execute("INSERT INTO secret VALUES (?, ?, NULL)", (user, hashed(f"{password}")))
    if key:
        made = _row(tx, "res_users_apikeys", name="SocialHub", user_id=user, scope="rpc")
        tx.execute("INSERT INTO secret VALUES (?, ?, ?)", (user, hashed(key), made))
    return user


def _spanish(tx: Transaction, model: str, number: int, text: str) -> None:
    tx.execute("INSERT INTO translation VALUES (?, ?, 'name', 'es_ES', ?)", (model, number, text))


def _demo(env: Env) -> None:
    says = tomllib.loads(DEMO.read_text("utf-8"))
    for person in says["salespeople"]:
        _user(env.tx, person["name"], person["login"], person["login"], None, None)
    for tag in says["tags"]:
        records.create(env, env.model("crm.tag"), [{"name": tag}])
    model = env.model("product.template")
    for kind, given in (("consu", says["products"]), ("service", says["services"])):
        records.create(env, model, [_product(one, kind) for one in given])


def _product(given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    picture = _picture(tuple(given["colour"]))
    return {
        "name": given["name"],
        "default_code": given["code"],
        "list_price": given["price"],
        "standard_price": given["cost"],
        "type": kind,
        "description_sale": given["text"],
        "image_1920": picture(480),
        "image_512": picture(256),
        "image_128": picture(128),
    }


def _picture(colour: tuple[int, ...]) -> Any:
    """A plain square, lighter towards the top, as base64 of a PNG by its size."""
    light = tuple(int(c + (255 - c) * 0.35) for c in colour)
    # Black at the top, white below.
    shade = ImageOps.colorize(Image.linear_gradient("L"), light, colour)

    def sized(size: int) -> str:
        out = io.BytesIO()
        shade.resize((size, size)).save(out, "PNG")
        return base64.b64encode(out.getvalue()).decode()

    return sized


def _products(tx: Transaction, have: int, wanted: int) -> None:
    """Many plain products at once, past the hooks: for volume only."""
    for number in range(have + 1, wanted + 1):
        shared = {
            "name": f"Product {number:05d}",
            "default_code": f"P{number:05d}",
            "list_price": round(1 + (number * 37 % 10_000) / 100, 2),
            "standard_price": 0.5,
            "type": "service" if number % 5 == 0 else "consu",
            "detailed_type": "service" if number % 5 == 0 else "consu",
            "description_sale": f"Invented product number {number}.",
            "currency_id": 1,
            "categ_id": 1,
            "sale_ok": 1,
            "purchase_ok": 1,
            "active": 1,
        }
        template = _row(tx, "product_template", product_variant_count=1, **shared)
        price = {"lst_price": shared["list_price"], "product_tmpl_id": template}
        _row(tx, "product_product", **shared, **price)
