"""Demo data: an invented olive oil maker with people, posts and a pretend network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import nullcontext
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from socialhub.models import Account, Organisation, Post
from socialhub.seeds import network, people

# Apps above, whose demo data stands on the core's.
ABOVE = ("analytics", "crm", "experiments", "threads")


def seed(above: Collection[str] = ABOVE) -> None:
    """Make what is missing. A second run, also after an interrupted first one, adds nothing."""
    organisation()
    users = people.seed()
    Account.objects.filter(is_demo=True).update(server_url=settings.SANDBOX_URL)
    is_new = not Post.objects.filter(is_demo=True).exists()
    # The network stays up for the other apps too: starting it takes a while.
    with network.running() if is_new else nullcontext():
        if is_new:
            _core(users)
        names = [f"{one.name}.seeds" for one in apps.get_app_configs() if one.name in above]
        seeds = [import_module(name) for name in names if find_spec(name)]
        for module in seeds:
            module.seed(users)
        # What tells of all apps, such as reports, comes after all of them: `seeds.finish()`.
        for module in seeds:
            if hasattr(module, "finish"):
                module.finish()


def _core(users: Mapping[str, User]) -> None:
    from socialhub.seeds import accounts, inbox, past, posts

    connected = accounts.seed()
    found = past.posts(settings.SANDBOX_URL)
    answers = {handle: past.answers(account) for handle, account in connected.items()}
    with transaction.atomic():
        posts.seed(users, connected, found)
        inbox.seed(connected, answers, timezone.now())


def organisation() -> None:
    """Name the organisation, unless somebody did."""
    row = Organisation.get()
    if not row.name:
        row.name = "Aceites del Valle"
        row.timezone = "Europe/Madrid"
        row.language = "es"
        row.currency = "EUR"
        row.brand_colours = ["#4d6b2f", "#c9a227", "#f6f1e3"]
        row.setup_done = True
        row.save()
