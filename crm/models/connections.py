"""Where Odoo is, how to log in, and how far each kind of reading has come."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.crypto import EncryptedJSONField


class ConnectionState(models.TextChoices):
    UNTESTED = "untested", _("not tested")
    READY = "ready", _("ready")
    # Odoo answers, but something on the checklist stands in the way.
    INCOMPLETE = "incomplete", _("incomplete")
    # Wrong or ended key: nothing is sent until a person has been here.
    PAUSED = "paused", _("paused")


class LeadType(models.TextChoices):
    OPPORTUNITY = "opportunity", _("opportunity")
    LEAD = "lead", _("lead (to be qualified)")


class OdooConnection(models.Model):
    """One Odoo database. Its key is in OdooCredential; only the active one is synced."""

    name = models.CharField(_("name"), max_length=80, default="Odoo")
    url = models.URLField(_("address"), max_length=300)
    database = models.CharField(_("database"), max_length=100)
    login = models.CharField(_("login"), max_length=200)
    is_active = models.BooleanField(_("in use"), default=True)

    # Found by the test; the transport is "xmlrpc" or "json2".
    version = models.CharField(_("version"), max_length=40, blank=True, default="", editable=False)
    transport = models.CharField(
        _("transport"), max_length=10, blank=True, default="", editable=False
    )
    # What a client needs to start without asking again (uid, field types); no secret.
    client_state = models.JSONField(default=dict, blank=True, editable=False)
    # The key's own end; NULL = it has none, or Odoo does not say.
    key_expires_at = models.DateTimeField(_("key ends"), null=True, blank=True, editable=False)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=ConnectionState.choices,
        default=ConnectionState.UNTESTED,
        editable=False,
    )
    # The last test, step by step: [{"code", "ok", "message", "remedy"}].
    checks = models.JSONField(default=list, blank=True, editable=False)
    tested_at = models.DateTimeField(_("tested"), null=True, blank=True, editable=False)
    paused_reason = models.CharField(max_length=500, blank=True, default="", editable=False)
    # Failures to reach Odoo in a row; after five nothing is asked before `blocked_until`.
    failures = models.PositiveIntegerField(default=0, editable=False)
    blocked_until = models.DateTimeField(null=True, blank=True, editable=False)

    lead_type = models.CharField(
        _("leads arrive as"),
        max_length=12,
        choices=LeadType.choices,
        default=LeadType.OPPORTUNITY,
    )
    # Odoo's ids; NULL = Odoo's own assignment rules, nobody in particular.
    team_id = models.PositiveIntegerField(_("sales team (id in Odoo)"), null=True, blank=True)
    salesperson_id = models.PositiveIntegerField(
        _("salesperson (id in Odoo)"), null=True, blank=True
    )
    # Odoo's list price does not say it by itself; NULL = unknown.
    prices_include_tax = models.BooleanField(_("list prices include tax"), null=True, blank=True)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Odoo connection")
        verbose_name_plural = _("Odoo connections")
        ordering = ["-is_active", "name", "pk"]
        permissions = [
            ("sync_odoo", "Can start a sync with Odoo"),
            ("connect_odoo", "Can connect Odoo and change the connection"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"],
                condition=Q(is_active=True),
                name="odoo_connection_one_active",
                violation_error_message=_(
                    "Another connection is in use. Put that one aside first."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(state=ConnectionState.READY) | (~Q(version="") & ~Q(transport="")),
                name="odoo_connection_ready_was_tested",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.database})"


class OdooCredential(models.Model):
    """The API key (or password) of a connection, apart from it so that no list can load it."""

    connection = models.OneToOneField(
        OdooConnection, on_delete=models.CASCADE, related_name="credential"
    )
    key = EncryptedJSONField()
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"credential of connection {self.connection_id}"


class OdooCursor(models.Model):
    """How far the reading of one kind has come.

    `since` is the newest `write_date` of a completed reading, by Odoo's clock. During a reading
    `after_id` and `newest` move with each stored page, so that the next one goes on from there.
    """

    connection = models.ForeignKey(OdooConnection, on_delete=models.CASCADE, related_name="cursors")
    kind = models.CharField(max_length=20)
    since = models.DateTimeField(null=True, blank=True)
    after_id = models.PositiveBigIntegerField(default=0)
    newest = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind"], name="odoo_cursor_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.connection_id} {self.kind}"


class OdooStage(models.Model):
    """A stage of Odoo's pipeline, for the board."""

    connection = models.ForeignKey(OdooConnection, on_delete=models.CASCADE, related_name="stages")
    odoo_id = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=200)
    sequence = models.IntegerField(default=0)
    is_won = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["sequence", "odoo_id"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "odoo_id"], name="odoo_stage_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class OdooReference(models.Model):
    """Our own records in Odoo other than leads (UTM source, medium, campaign), by key."""

    connection = models.ForeignKey(
        OdooConnection, on_delete=models.CASCADE, related_name="references"
    )
    model = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    # NULL = Odoo refused to make it; `refused` says why.
    odoo_id = models.PositiveIntegerField(null=True)
    refused = models.CharField(max_length=300, blank=True, default="")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "model", "key"], name="odoo_reference_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"
