"""The methods a client may call, with the names and order of their arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from crm.standin import access, hooks, loading, messages, records
from crm.standin.env import Env
from crm.standin.schema import Model

# Methods of the model, not of records: no ids before their arguments.
OF_MODEL = frozenset(
    {
        "check_access_rights",
        "check_object_reference",
        "context_get",
        "create",
        "default_get",
        "fields_get",
        "generate",
        "load",
        "name_create",
        "name_search",
        "search",
        "search_count",
        "search_read",
    }
)
WRITERS = frozenset(
    {
        "action_archive",
        "action_set_lost",
        "action_set_won",
        "action_unarchive",
        "create",
        "load",
        "message_post",
        "name_create",
        "unlink",
        "write",
    }
)


class BadArguments(TypeError):
    """Missing, unknown or too many arguments."""


def search(env: Env, model: Model, domain, offset=0, limit=None, order=None):  # type: ignore[no-untyped-def]
    return records.search(env, model, domain, offset, limit, order)


def search_count(env: Env, model: Model, domain, limit=None):  # type: ignore[no-untyped-def]
    return records.count(env, model, domain, limit)


def search_read(  # type: ignore[no-untyped-def]
    env: Env,
    model: Model,
    domain=None,
    fields=None,
    offset=0,
    limit=None,
    order=None,
    load="_classic_read",
):
    ids = records.search(env, model, domain, offset, limit, order)
    return records.read(env, model, ids, fields, names=load == "_classic_read")


def read(env: Env, model: Model, ids, fields=None, load="_classic_read"):  # type: ignore[no-untyped-def]
    return records.read(env, model, ids, fields, names=load == "_classic_read")


def create(env: Env, model: Model, vals_list):  # type: ignore[no-untyped-def]
    """A dict makes one record and answers its id; JSON-2 makes a list of it."""
    single = isinstance(vals_list, Mapping)
    ids = records.create(env, model, [vals_list] if single else list(vals_list))
    return ids[0] if single else ids


def write(env: Env, model: Model, ids, vals):  # type: ignore[no-untyped-def]
    return records.write(env, model, ids, vals)


def unlink(env: Env, model: Model, ids):  # type: ignore[no-untyped-def]
    return records.unlink(env, model, ids)


def exists(env: Env, model: Model, ids):  # type: ignore[no-untyped-def]
    listed = [row["id"] for row in records.read(env.trusted(), model, ids, ["id"], False)]
    return listed


def load(env: Env, model: Model, fields, data):  # type: ignore[no-untyped-def]
    return loading.load(env, model, fields, data)


def fields_get(env: Env, model: Model, allfields=None, attributes=None):  # type: ignore[no-untyped-def]
    found = {}
    for field in model.fields.values():
        if allfields and field.name not in allfields:
            continue
        says: dict[str, Any] = {
            "type": field.type,
            "string": field.label,
            "name": field.name,
            "required": field.required,
            "readonly": field.readonly,
            "store": field.stored,
            "searchable": True,
            "sortable": field.stored,
            "translate": field.translate,
        }
        if field.relation:
            says["relation"] = field.relation
        if field.selection:
            says["selection"] = [list(pair) for pair in field.selection]
        found[field.name] = {k: v for k, v in says.items() if not attributes or k in attributes}
    return found


def check_access_rights(env: Env, model: Model, operation, raise_exception=True):  # type: ignore[no-untyped-def]
    if raise_exception:
        access.check(env, model, operation)
    return access.allowed(env, model, operation)


def has_access(env: Env, model: Model, ids, operation):  # type: ignore[no-untyped-def]
    if not access.allowed(env, model, operation):
        return False
    rule, values = access.rule(env, model)
    listed = ", ".join(str(int(one)) for one in ids)
    sql = f"SELECT id FROM {model.table} WHERE id IN ({listed}) AND NOT ({rule or 1})"
    return not env.rows(sql, values)


def name_search(env: Env, model: Model, name="", domain=None, operator="ilike", limit=100):  # type: ignore[no-untyped-def]
    leaf = [("display_name", operator, name)] if name else []
    ids = records.search(env, model, leaf + list(domain or []), 0, limit)
    named = records.display_names(env, model, ids)
    return [[one, named[one]] for one in ids]


def name_create(env: Env, model: Model, name):  # type: ignore[no-untyped-def]
    one = records.create(env, model, [{model.rec_name: name}])[0]
    return [one, name]


def default_get(env: Env, model: Model, fields_list):  # type: ignore[no-untyped-def]
    known = [model.fields[name] for name in fields_list if name in model.fields]
    return {f.name: hooks.default(env, f) for f in known if f.default is not None}


def message_post(env: Env, model: Model, ids, *, body="", message_type="notification", **rest):  # type: ignore[no-untyped-def]
    return messages.post(env, model, ids, body, message_type, rest)


def action_archive(env: Env, model: Model, ids):  # type: ignore[no-untyped-def]
    records.write(env, model, ids, {"active": False})


def action_unarchive(env: Env, model: Model, ids):  # type: ignore[no-untyped-def]
    """Answers None: over XML-RPC a fault, though the change is done."""
    records.write(env, model, ids, {"active": True})


def action_set_lost(env: Env, model: Model, ids, **additional_values):  # type: ignore[no-untyped-def]
    records.write(env, model, ids, {"active": False, "probability": 0.0, **additional_values})
    return None if env.version == 18 else True


def action_set_won(env: Env, model: Model, ids):  # type: ignore[no-untyped-def]
    won = env.rows("SELECT id FROM crm_stage WHERE is_won = 1 ORDER BY sequence, id LIMIT 1")
    records.write(env, model, ids, {"stage_id": won[0]["id"], "probability": 100.0})
    return True


def check_object_reference(env: Env, model: Model, module, xml_id, raise_on_access_error=False):  # type: ignore[no-untyped-def]
    return messages.reference(env, module, xml_id, bool(raise_on_access_error))


def context_get(env: Env, model: Model):  # type: ignore[no-untyped-def]
    """Who asks: language, zone and id of the user."""
    row = env.rows("SELECT lang, tz FROM res_users WHERE id = ?", (env.uid,))[0]
    return {"lang": row["lang"] or "en_US", "tz": row["tz"] or False, "uid": env.uid}


def generate(env: Env, model: Model, scope=None, name=None, expiration_date=None):  # type: ignore[no-untyped-def]
    raise env.fault("no_programmatic_keys")


EVERYWHERE = {
    one.__name__: one
    for one in (
        *(search, search_count, search_read, read, create, write, unlink, load),
        *(fields_get, name_search, name_create, default_get),
    )
}
ARCHIVING = {one.__name__: one for one in (action_archive, action_unarchive)}
LEADS = {one.__name__: one for one in (action_set_lost, action_set_won)}


def table(env: Env, model: Model) -> Mapping[str, Callable[..., Any]]:
    """The public methods of a model in this version."""
    found: dict[str, Callable[..., Any]] = dict(EVERYWHERE)
    if env.version < 19:
        found |= {"check_access_rights": check_access_rights, "exists": exists}
    if env.version >= 18:
        found["has_access"] = has_access
    if "active" in model.fields:
        found |= ARCHIVING
    if model.name == "crm.lead":
        found |= LEADS
    if model.name in ("crm.lead", "res.partner", "product.template", "sale.order", "account.move"):
        found["message_post"] = message_post
    if model.name == "ir.model.data":
        found["check_object_reference"] = check_object_reference
    if model.name == "res.users":
        found["context_get"] = context_get
    if model.name == "res.users.apikeys" and env.version >= 19:
        found["generate"] = generate
    return found


def find(env: Env, model: Model, name: str) -> Callable[..., Any]:
    """Raises the fault of a private or unknown method."""
    if name.startswith("_") or (name == "exists" and env.version >= 19):
        raise env.fault("private_method", model=model.name, method=name)
    method = table(env, model).get(name)
    if method is None:
        raise env.fault("unknown_method", model=model.name, method=name)
    return method


def bound(
    env: Env, model: Model, name: str, args: list[Any], named: dict[str, Any]
) -> Callable[[], Any]:
    """The call, its arguments checked. Raises BadArguments for wrong or missing names."""
    method = find(env, model, name)
    # Until 18 name_search called its domain "args".
    if name == "name_search" and env.version < 19 and "args" in named:
        named["domain"] = named.pop("args")
    if "ids" in named and name not in OF_MODEL:
        args, named = [named["ids"], *args], {k: v for k, v in named.items() if k != "ids"}
    if name not in OF_MODEL:
        args = [as_ids(args[0]) if args else [], *args[1:]]
    try:
        given = inspect.signature(method).bind(env, model, *args, **named)
    except TypeError as exc:
        raise BadArguments(str(exc)) from None
    return lambda: method(*given.args, **given.kwargs)


def as_ids(given: Any) -> list[int]:
    if isinstance(given, list | tuple):
        return [int(one) for one in given]
    return [int(given)] if given else []
