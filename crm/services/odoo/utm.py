"""UTM source, medium and campaign of leads in Odoo: found by name, else made, once."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from crm.models import Lead, LeadSource, OdooReference
from crm.odoo import errors
from crm.services.odoo import logs
from crm.services.odoo.lead_values import network
from crm.services.odoo.session import Session

SOURCE, MEDIUM, CAMPAIGN = "utm.source", "utm.medium", "utm.campaign"
COLUMNS = {SOURCE: "source_id/.id", MEDIUM: "medium_id/.id", CAMPAIGN: "campaign_id/.id"}
WEB_FORM = "Web form"
SOCIAL, WEBSITE = "Social", "Website"
# After a refusal: somebody may have given the bot the right since.
ASK_AGAIN = timedelta(days=1)
# What says no to this name and not to everything.
REFUSALS = (
    errors.AccessRefused,
    errors.Invalid,
    errors.NotFound,
    errors.NotVisible,
    errors.ServerBug,
    errors.Unsupported,
)


class References:
    """Ids in Odoo by model and name, for one run. A lead goes without what is refused."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._known: dict[tuple[str, str], int | None] = {}
        self._looked = False

    def of(self, lead: Lead) -> dict[str, str]:
        """Column → id as text, "" where there is none."""
        names = names_of(lead)
        titles = {CAMPAIGN: lead.campaign.name} if lead.campaign else {}
        ids = {
            model: self._id(model, name, titles.get(model, name)) if name else None
            for model, name in names.items()
        }
        return {COLUMNS[model]: "" if one is None else str(one) for model, one in ids.items()}

    def heal(self) -> bool:
        """Forget what somebody deleted or archived in Odoo; was there such? Once per run."""
        if self._looked:
            return False
        self._looked = True
        lost = 0
        for model in COLUMNS:
            rows = self._rows(model).filter(odoo_id__isnull=False)
            ids = dict(rows.values_list("odoo_id", "pk"))
            there = self.session.client.search_ids(model, [("id", "in", list(ids))]) if ids else []
            gone = [pk for odoo_id, pk in ids.items() if odoo_id not in there]
            lost += OdooReference.objects.filter(pk__in=gone).delete()[0]
        self._known = {}
        return lost > 0

    def _rows(self, model: str) -> QuerySet[OdooReference]:
        return OdooReference.objects.filter(connection=self.session.connection, model=model)

    def _id(self, model: str, name: str, title: str) -> int | None:
        key = (model, name)
        if key not in self._known:
            self._known[key] = self._stored(model, name, title)
        return self._known[key]

    def _stored(self, model: str, name: str, title: str) -> int | None:
        row = self._rows(model).filter(key=name).first()
        if row is not None and (row.odoo_id is not None or row.at > timezone.now() - ASK_AGAIN):
            return row.odoo_id
        found, refused = None, ""
        try:
            found = self._find(model, name, title) or self._make(model, name, title)
        except REFUSALS as exc:
            refused = exc.message[:300]
        OdooReference.objects.update_or_create(
            connection=self.session.connection,
            model=model,
            key=name,
            defaults={"odoo_id": found, "refused": refused},
        )
        return found

    def _find(self, model: str, name: str, title: str) -> int | None:
        client = self.session.client
        domain: list[object] = [("name", "=", name)]
        if "title" in client.fields(model):
            domain = ["|", *domain, ("title", "=", title)]
        found = client.search_ids(model, domain, limit=1)
        return found[0] if found else None

    def _make(self, model: str, name: str, title: str) -> int:
        values = {"name": name}
        if "title" in self.session.client.fields(model):
            values["title"] = title
        # Of the name, so that two installations with one Odoo share the record.
        digest = hashlib.sha256(name.encode()).hexdigest()[:24]
        external = f"{model.replace('.', '_')}_{digest}"
        with logs.attempt(
            self.session, object_type="utm", odoo_model=model, operation="create"
        ) as line:
            made = self.session.client.upsert_once(model, external, values)
            line.ok(odoo_id=made.id, changes={"value": ["", name]})
        return made.id


def names_of(lead: Lead) -> dict[str, str]:
    """Model → name; "" where the lead has none."""
    where = network(lead)
    is_form = lead.source in (LeadSource.FORM, LeadSource.LINK)
    campaign = lead.campaign
    return {
        SOURCE: where or (WEB_FORM if is_form else ""),
        MEDIUM: SOCIAL if where else WEBSITE if is_form else "",
        CAMPAIGN: (campaign.utm_campaign or campaign.name)[:200] if campaign else "",
    }
