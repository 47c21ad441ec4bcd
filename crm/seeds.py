"""Demo leads: comments of the past weeks that became customers, told by the stand-in Odoo.

Everything goes the product's own way: the connection is tested, leads are made of comments and
sent, products, stages and revenue are read back. Only the salespeople are played here.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from crm import demo_children
from crm.models import (
    Lead,
    LeadForm,
    LeadState,
    OdooConnection,
    OdooSyncLog,
    Product,
    Service,
    SyncKind,
)
from crm.services import capture, connections, conversions, forms
from crm.services.odoo import parts
from crm.services.told import LeadData
from socialhub import http
from socialhub.models import Campaign, Interaction, Post
from socialhub.services import jobs

JSON = dict[str, Any]

START_SECONDS = 30.0
# Who asks like this may buy.
WORDS = ("precio", "cotiza", "empresas", "envío", "factura", "información", "disponible")
WORDS_EN = ("much", "quote", "ship", "invoice", "companies", "more information", "delivery")
MOST = 28
# What becomes of the leads, in turn: (deal, amount, days after the comment)…
STORIES: tuple[tuple[tuple[str, float, float], ...], ...] = (
    (("next", 0, 1), ("quote", 178.00, 2), ("win", 178.00, 5), ("invoice", 178.00, 6)),
    (("next", 0, 1),),
    (("quote", 290.00, 2), ("next", 0, 3)),
    (("lose", 0, 4),),
    (("win", 54.00, 1), ("invoice", 54.00, 1.5)),
    (),
    (("next", 0, 2), ("quote", 1140.00, 3), ("win", 1080.00, 9)),
    (("next", 0, 1), ("lose", 0, 6)),
)
# Which product a demo post is about, by words in it; the first that fits.
ABOUT = {
    "AOVE Cosecha temprana 500 ml": ("cosecha", "harvest"),
    "Pack degustación 4 variedades": ("cata", "tasting", "variedad"),
    "AOVE Arbequina 500 ml": ("ensalada", "salad", "receta", "recipe", "tostada"),
    "Caja regalo «Mesa del valle»": ("regalo", "gift", "navidad"),
}
# Answers of the web form: name, e-mail, company, message, days ago.
ANSWERS = (
    ("Elena Prats", "elena@example.com", "Hotel Mirador", "120 botellas para el desayuno", 9),
    ("Jorge Sanz", "jorge@example.net", "", "¿Podemos visitar la almazara el sábado?", 3),
)


def seed(users: Mapping[str, User]) -> None:
    """Connect the stand-in and play the past weeks, once."""
    if Lead.objects.filter(is_demo=True).exists():
        OdooConnection.objects.filter(is_demo=True).update(url=demo_children.url())
        return
    with running():
        connection = _connect(users["admin"])
        for kind in (SyncKind.PRODUCTS, SyncKind.SERVICES, SyncKind.IMAGES):
            parts.run_now(kind)
        _about_products()
        made = _leads(users["marketer"]) + _from_form(users["marketer"])
        _answered(made)
        parts.run_now(SyncKind.EXPORT)
        _play(made)
        for kind in (SyncKind.LEADS, SyncKind.REVENUE):
            parts.run_now(kind)
        _told_in_time()
    Product.objects.filter(connection=connection).update(is_demo=True)
    Service.objects.filter(connection=connection).update(is_demo=True)


def _connect(admin: User) -> OdooConnection:
    connection: OdooConnection = connections.create(
        admin,
        url=demo_children.url(),
        database="odoo",
        login="socialhub@example.com",
        key="standin-key",
        name="Odoo (stand-in)",
        prices_include_tax=True,
    )
    OdooConnection.objects.filter(pk=connection.pk).update(is_demo=True)
    jobs.run(connections.test(connection, admin).pk)
    connection.refresh_from_db()
    return connection


def _about_products() -> None:
    """Posts that name what a product is for are about it; each about one."""
    rows = Post.objects.filter(is_demo=True, is_reply=False)
    about: set[int] = set()
    for name, words in ABOUT.items():
        product = Product.objects.filter(name=name).first()
        if product is None:
            continue
        wanted = [row.pk for row in rows if any(word in row.text.lower() for word in words)]
        product.posts.add(*(set(wanted) - about))
        about.update(wanted)


def _leads(marketer: User) -> list[Lead]:
    """Comments that ask for something, each person once, the newest left for whoever looks on."""
    rows = (
        Interaction.objects.filter(account__is_demo=True, publication__isnull=False)
        .filter(created_at__lt=timezone.now() - timedelta(days=2))
        .select_related("account", "publication__post__campaign", "publication__account")
        .order_by("created_at", "pk")
    )
    asking = [row for row in rows if any(w in row.text.lower() for w in WORDS + WORDS_EN)]
    made = []
    for row in asking[:: max(1, len(asking) // MOST)]:
        lead, created = capture.convert(row, marketer)
        if created:
            made.append(_dated(lead, row.created_at + timedelta(hours=3)))
    return made


def _answered(made: list[Lead]) -> None:
    """Most comments that became leads were answered the same day."""
    for number, lead in enumerate(made):
        touch = lead.touches.exclude(interaction=None).first()
        if touch is not None and number % 5:
            at = touch.at + timedelta(minutes=25 + 47 * (number % 7))
            Interaction.objects.filter(pk=touch.interaction_id).update(answered_at=at)


def _dated(lead: Lead, at: datetime) -> Lead:
    """As if somebody had made it a lead then."""
    Lead.objects.filter(pk=lead.pk).update(created_at=at, is_demo=True)
    lead.refresh_from_db()
    conversions.book(lead)
    return lead


def _from_form(marketer: User) -> list[Lead]:
    form = forms.create(
        marketer,
        name="Pedidos y visitas",
        heading="¿En qué podemos ayudarte?",
        button="Enviar",
        thanks="Gracias. Te escribimos en un día laborable.",
        language="es",
        sites=["https://example.org"],
        asks_company=True,
        consent_text="Acepto que Aceites del Valle use mis datos para responderme.",
        campaign=Campaign.objects.filter(is_demo=True, utm_campaign="recetas-invierno").first(),
    )
    LeadForm.objects.filter(pk=form.pk).update(is_demo=True)
    made = []
    for name, email, company, message, days in ANSWERS:
        at = timezone.now() - timedelta(days=days)
        data = LeadData(
            contact_name=name,
            email=email,
            company=company,
            message=message,
            language="es",
            consent_text=form.consent_text,
            consent_at=at,
        )
        origin = capture.Origin("form", campaign=form.campaign, at=at)
        made.append(_dated(capture.capture(data, origin)[0], at))
    return made


# -- the salespeople ------------------------------------------------------------------


def _play(made: list[Lead]) -> None:
    """Each lead's story in Odoo, in the order of time, by a clock set back."""
    now = timezone.now()
    sent = {
        lead.pk: lead
        for lead in Lead.objects.filter(pk__in=[lead.pk for lead in made])
        if lead.state == LeadState.EXPORTED
    }
    deals = []
    for number, lead in enumerate(sent.values()):
        for deal, amount, days in STORIES[number % len(STORIES)]:
            at = lead.created_at + timedelta(days=days)
            if at < now:
                deals.append((at, lead.odoo_id, deal, amount))
    for at, odoo_id, deal, amount in sorted(deals):
        _control("settings", {"clock_offset_seconds": round((at - now).total_seconds())})
        _control(f"{deal}/{odoo_id}", {"amount": amount} if amount else {})
    _control("settings", {"clock_offset_seconds": 0})


def _told_in_time() -> None:
    """What was exchanged a minute ago happened in the story's own time."""
    for lead in Lead.objects.filter(is_demo=True, exported_at__isnull=False):
        sent = lead.created_at + timedelta(minutes=2)
        moved = min(lead.closed_at or timezone.now(), lead.created_at + timedelta(days=1))
        Lead.objects.filter(pk=lead.pk).update(exported_at=sent, opportunity_at=sent)
        lines = OdooSyncLog.objects.filter(object_type="lead", object_id=lead.pk)
        lines.filter(operation="create").update(at=sent)
        lines.exclude(operation="create").update(at=max(sent, moved))
        lead.refresh_from_db()
        conversions.book(lead)


def _control(path: str, body: JSON) -> None:
    answer = http.request("POST", f"{demo_children.url()}/control/{path}", json=body, timeout=20)
    if answer.status != 200:
        raise RuntimeError(f"the stand-in Odoo refuses {path}: {answer.text[:200]}")


# -- the process ----------------------------------------------------------------------


@contextlib.contextmanager
def running() -> Iterator[None]:
    """The stand-in Odoo while demo data is made; stops what it started."""
    if _answers():
        yield
        return
    process = subprocess.Popen(
        [sys.executable, "-m", *demo_children.arguments()],
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the stand-in Odoo does not start")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _answers() -> bool:
    try:
        found = http.request("GET", f"{demo_children.url()}/control/settings", timeout=2)
    except (http.RequestNotSent, http.AnswerLost):
        return False
    return found.status == 200
