"""Around products and services: writing a post, the composer's insert, and changed prices."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from analytics.queries import publications
from crm.models import PriceFlag, SyncKind
from crm.queries import panel
from crm.services import catalogue, leads
from crm.services.odoo import runs
from crm.views import looks
from socialhub import badges, policies
from socialhub.models import Organisation, Post
from socialhub.services.errors import ServiceError
from socialhub.views import desk

FOLDER = "crm/catalogue"
# Posts listed on an item's page.
POSTS = 20
FOUND = 8


def own_currency() -> str:
    return str(Organisation.get().currency)


def offered(item: Any) -> SafeString:
    """Is it for sale: in words, with the reason."""
    if not item.is_available:
        return badges.badge("warning", _("not in Odoo any more"))
    if not item.is_active:
        return badges.badge("disabled", _("inactive"))
    return badges.badge("ok", _("offered"))


# -- the page of an item ---------------------------------------------------------------


@require_POST
@desk.needs_verb("write_post")
def write(request: HttpRequest, model_admin: Any, pk: int) -> HttpResponse:
    """A draft about it, opened in the composer."""
    item = model_admin.get_object(request, str(pk))
    if item is None:
        raise Http404
    try:
        post = catalogue.write_post(item, request.user)
    except ServiceError as exc:
        messages.error(request, exc.message)
        return redirect(f"admin:crm_{item.kind}_change", pk)
    messages.success(request, _("A draft with name, price, link and picture. Make it yours."))
    return redirect("admin:socialhub_post_change", post.pk)


def read_now(model_admin: Any, request: HttpRequest, rows: QuerySet[Any]) -> None:
    """Start a run for the selected ones; those written here are left out."""
    kinds = {"product": SyncKind.PRODUCTS, "service": SyncKind.SERVICES}
    ids = list(rows.filter(odoo_id__isnull=False).values_list("pk", flat=True))
    if not ids:
        text = _("None of these comes from Odoo.")
        model_admin.message_user(request, text, messages.WARNING)
        return
    try:
        run = runs.start(
            leads.require_connection(), kinds[rows.model.kind], request.user, sorted(ids)
        )
    except ServiceError as exc:
        model_admin.message_user(request, exc.message, messages.ERROR)
        return
    text = ngettext("%(n)s is being read.", "%(n)s are being read.", len(ids)) % {"n": len(ids)}
    model_admin.message_user(request, format_html("{} {}", text, looks.run_link(run)))


def standing(request: HttpRequest, item: Any) -> dict[str, Any]:
    """What the item's page shows above its form."""
    user: Any = request.user
    posts = list(
        Post.objects.visible_to(user)
        .filter(**{f"{item.kind}s": item})
        .order_by("-created_at", "-pk")[: POSTS + 1]
    )
    figures = policies.can(user, "view_attribution")
    return {
        "item": item,
        "price_text": catalogue.price_text(item),
        "offered": offered(item),
        "may_write": policies.can(user, "write_post") and item.is_offered,
        "item_posts": _lines(posts[:POSTS], user, figures),
        "more_posts": len(posts) > POSTS,
        "flags": _flags(user, **{item.kind: item}),
        "may_settle": policies.can(user, "change_catalogue"),
        "panel": panel.for_item(item, user) if figures else None,
        "write_url": reverse(f"admin:crm_{item.kind}_write", args=[item.pk]),
    }


def _lines(posts: list[Post], user: Any, figures: bool) -> list[dict[str, Any]]:
    """Each post with its publications, engagements, leads and revenue. Constant queries."""
    owed = panel.for_posts([post.pk for post in posts], user) if figures else {}
    rows = Post.objects.visible_to(user).for_list().in_bulk([post.pk for post in posts])
    out = {
        pk: [one for one in row.publications.all() if one.published_at] for pk, row in rows.items()
    }
    counted = publications.latest_for([one.pk for ones in out.values() for one in ones])
    found = []
    for post in posts:
        values = [
            counted[one.pk].get("engagements") for one in out.get(post.pk, []) if one.pk in counted
        ]
        known = [value for value in values if value is not None]
        found.append(
            {
                "post": post,
                "publications": len(out.get(post.pk, [])),
                "engagements": sum(known) if known else None,
                "numbers": owed.get(post.pk, panel.NOTHING),
            }
        )
    return found


def _flags(user: Any, **of: Any) -> list[PriceFlag]:
    seen = Post.objects.visible_to(user).values("pk")
    rows = PriceFlag.objects.filter(settled_at__isnull=True, post__in=seen, **of)
    return list(rows.select_related("product", "service", "post"))


def refused(request: HttpRequest, exc: ServiceError) -> HttpResponse:
    """Back to the form with the reason."""
    messages.error(request, exc.message)
    return redirect(request.get_full_path())


# -- on the page of a post ----------------------------------------------------------------


@require_POST
@desk.needs_verb("change_catalogue")
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """I checked it: the post shows the right price."""
    seen = Post.objects.visible_to(request.user).values("pk")
    flag = get_object_or_404(PriceFlag, pk=pk, post__in=seen)
    desk.attempt(request, lambda: catalogue.settle_flag(flag, request.user), _("Checked."))
    if not desk.wants_fragment(request):
        return redirect("admin:socialhub_post_change", flag.post_id)
    return desk.answered(request, HttpResponse())


# -- in the composer ----------------------------------------------------------------------


@require_GET
def insert(request: HttpRequest) -> HttpResponse:
    """The box "insert product"; with `q` the rows that are found."""
    if not policies.can(request.user, "view_catalogue"):
        return HttpResponse()
    search = request.GET.get("catalogue-search", "")
    asked = request.GET.get("language", "")
    # Prices are written as the post is, whatever language this person reads.
    known = asked if asked in dict(settings.LANGUAGES) else Organisation.get().language
    with translation.override(known):
        items = catalogue.insertable(request.user, search, FOUND)
    part = "#found" if "catalogue-search" in request.GET else ""
    return desk.fragment(
        request, f"{FOLDER}/insert.html{part}", items=items, search=search, is_any=bool(items)
    )


def note_inserted(post: Post, sent: Any, user: Any) -> None:
    """The composer stored a post: it is about what was inserted and still stands in it."""
    for told in dict.fromkeys(sent.getlist("about")):
        kind, _colon, pk = str(told).partition(":")
        model = catalogue.KINDS.get(kind)
        if model is None or not pk.isdecimal() or len(pk) > 18:
            continue
        item = model.objects.filter(pk=int(pk)).first()
        if item is None or item.name not in post.text:
            continue
        try:
            catalogue.show_in(post, item, user)
        except ServiceError:
            # The text stays as it was typed; only the link between the two is not made.
            continue
