"""What is wrong with a row or a file, in words: what it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from socialhub.models import Account
from socialhub.platforms.base import Problem
from socialhub.services import drafts

JSON = dict[str, Any]
ERROR, WARNING = "error", "warning"
# Worth a look, and no reason to leave the row out.
WARNINGS = frozenset(
    {"hour_twice", "row_repeats", "text_exists", "no_accounts", "date_other_order"}
)
# The network of an account refuses it; "account" and the network's own code are in the params.
NETWORK = "network"


def problem(column: str, code: str, **params: Any) -> JSON:
    """One problem as it is stored with its row."""
    level = WARNING if code in WARNINGS else ERROR
    return {"column": column, "code": code, "params": params, "level": level}


def of_network(column: str, found: Problem, account: Account) -> JSON:
    """What the network of an account would say."""
    params = {"account": account.pk, "reason": found.code, "given": dict(found.params)}
    return problem(column, NETWORK, **params)


def said(found: Mapping[str, Any], accounts: Mapping[int, Account]) -> str:
    """A stored problem as a sentence. `accounts` by id, for what networks say."""
    params = found.get("params", {})
    if found["code"] == NETWORK:
        account = accounts.get(params["account"])
        if account is None:
            return _("The account is not there any more. Choose another one.")
        told = drafts.sentence(Problem(params["reason"], params["given"]), account)
        return f"{account.handle}: {told}"
    if found["code"] == "refused":
        return str(params.get("message", ""))
    return _row(found["code"], params)


def _row(code: str, params: Mapping[str, Any]) -> str:
    texts = {**_when(), **_named(), **_cells()}
    return texts.get(code, _("This cannot be read (%(code)s).")) % {"code": code, **params}


def _when() -> dict[str, str]:
    return {
        "date_unreadable": _("“%(cell)s” is no date. Write it like 2026-12-03."),
        "no_such_day": _("There is no day “%(cell)s”. Correct it."),
        "short_year": _("“%(cell)s” has a year of two digits. Write all four."),
        "date_order_open": _(
            "“%(cell)s” may be %(day)s or %(month)s. Say for the whole file whether the day or the "
            "month comes first."
        ),
        "date_other_order": _(
            "“%(cell)s” can only be %(read)s, although other dates of the file are written the "
            "other way round."
        ),
        "date_missing": _("There is a time and no date. Give both, or neither."),
        "time_missing": _("There is a date and no time. Give both, or neither."),
        "time_unreadable": _("“%(cell)s” is no time. Write it like 09:30."),
        "due_twice": _("The moment is given twice. Use date and time, or one column for both."),
        "due_passed": _("%(cell)s has passed. Choose a later time."),
        "due_too_far": _("%(cell)s is too far away. Check the year."),
        "hour_skipped": _(
            "There is no %(cell)s in %(zone)s: the clocks are put forward. Choose another time."
        ),
        "hour_twice": _(
            "There are two %(cell)s in %(zone)s, since the clocks are put back. The first is taken."
        ),
    }


def _named() -> dict[str, str]:
    return {
        "account_unknown": _("There is no account “%(name)s”. Check how it is written."),
        "account_ambiguous": _("“%(name)s” may be several accounts. Write one of: %(choices)s"),
        "account_disabled": _("%(name)s is disconnected. Connect it again, or leave it out."),
        "account_twice": _("%(name)s is named twice. Once is enough."),
        "no_accounts": _("No account is named: the draft goes nowhere until you choose some."),
        "override_without_account": _(
            "There is a text for %(name)s, but the row does not name this account. Add it to the "
            "accounts, or empty this cell."
        ),
        "media_unknown": _("The library has no “%(name)s”. Upload it, or correct the name."),
        "media_ambiguous": _("Several files are named “%(name)s”. Write one of the ids: %(ids)s"),
        "campaign_unknown": _(
            "There is no campaign “%(name)s”. Make it first, or correct the name."
        ),
        "language_unknown": _("“%(name)s” is no language we know. Write one of: %(choices)s"),
        "type_unknown": _("“%(name)s” is no type of post. Write one of: %(choices)s, or nothing."),
        "type_not_imported": _(
            "A thread series cannot be imported. Write it in the series editor."
        ),
    }


def _cells() -> dict[str, str]:
    return {
        "empty": _("There is nothing to publish. Write a text or name a picture."),
        "not_yes_or_no": _("“%(name)s” is neither yes nor no."),
        "link_invalid": _("“%(name)s” is no address. It begins with https:// or http://."),
        "formula_without_value": _(
            "This cell is a formula without a result. Open the file in a spreadsheet program and "
            "save it, or type the value."
        ),
        "cell_error": _("The spreadsheet shows an error in this cell. Correct it there."),
        "cell_too_long": _("The cell has more than %(most)s characters. Shorten it."),
        "too_many_cells": _(
            "The row has more cells than there are columns. A text with the separator in it must "
            "stand in quotation marks."
        ),
        "row_repeats": _("Row %(row)s says the same. It would go out twice."),
        "text_exists": _("Post %(post)s has the same text and is planned already."),
    }


def of_file(found: Mapping[str, Any]) -> str:
    """Why a file as a whole cannot be read; "" when it can."""
    if not found:
        return ""
    texts = {
        "empty": _("The file is empty."),
        "no_rows": _("The file has names of columns and no rows."),
        "no_columns": _(
            "No column is known. The first row names the columns; take the template to begin with."
        ),
        "no_content": _("No column holds what to publish. Name one “text”."),
        "columns_twice": _("Two columns say the same: %(names)s. Keep one of them."),
        "too_large": _("The file is larger than %(most)s MB. Send it in parts."),
        "too_many_rows": _("The file has more than %(most)s rows. Send it in parts."),
        "too_many_columns": _("The file has more than %(most)s columns. Remove some."),
        "no_table": _("This is no table. Save it as CSV (UTF-8) or as XLSX and send it again."),
        "old_workbook": _("This is an old workbook (XLS). Save it as XLSX and send it again."),
        "broken_workbook": _("The workbook cannot be opened. Save it anew and send it again."),
        "encoding_unknown": _("The letters cannot be read. Save the file as CSV (UTF-8)."),
        "file_gone": _("The file is not there any more. Send it again."),
    }
    params = found.get("params", {})
    template = texts.get(found["code"], _("The file cannot be read (%(code)s)."))
    return template % {"code": found["code"], **params}
