"""What a request asks for: filters, arguments of its own, and the state of the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet, ValidationError
from django.utils.translation import gettext as _
from rest_framework.request import Request

from analytics import sql
from analytics.queries import dashboard, filters
from analytics.queries.dashboard import State
from analytics.queries.filters import Filters
from analytics.queries.state import question, state_of
from socialhub.api.callers import Along
from socialhub.models.organisation import validate_timezone
from socialhub.services.errors import Invalid

# A SELECT of one value with its parameters, read in the same query as the state.
Stamp = tuple[str, Sequence[Any]]
Stamps = Callable[[Filters], Mapping[str, Stamp]]


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter besides the filters: `read` turns its text into a value, or raises ValueError
    with a sentence."""

    default: Any
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """`today` is the local day of the moment `now`."""

    filters: Filters
    arguments: Mapping[str, Any]
    state: State
    now: datetime
    today: date

    @property
    def key(self) -> str:
        """Equal for equal answers."""
        given = ",".join(f"{name}={value}" for name, value in sorted(self.arguments.items()))
        return f"{self.filters.key}|{given}|{state_key(self.state)}"


@dataclass(frozen=True, slots=True)
class Early:
    """The state, read in the query for who asks: right for somebody who may see everything."""

    narrowed: Filters
    stamps: Mapping[str, Stamp]
    along: Along

    def state(self, narrowed: Filters) -> State | None:
        """None when it was not read, or for other narrowings: a person limited to some accounts."""
        if self.along.row is None or narrowed != self.narrowed:
            return None
        return state_of(self.along.row, self.stamps)


def early(params: Mapping[str, Any], stamps: Stamps) -> Early | None:
    """What to read with who asks, None where they have to be known first."""
    narrowed = filters.before_asking(params)
    if narrowed is None:
        return None
    given = stamps(narrowed)
    return Early(narrowed, given, Along(*question(narrowed, given)))


def understood(
    request: Request,
    arguments: Mapping[str, Argument],
    stamps: Stamps,
    *,
    now: datetime,
    days: int = filters.DEFAULT_DAYS,
    early: Early | None = None,
) -> Asked:
    """Filters and arguments of a request. Raises Invalid naming everything that is wrong.

    One query unless `early` has the answer, besides what a chosen account, campaign or limited
    person takes.
    """
    # A name given twice would be half ignored.
    twice = [name for name, values in request.query_params.lists() if len(values) > 1]
    fields = {name: [_("Give this only once.")] for name in twice}
    states: list[State] = []

    def today(narrowed: Filters) -> date:
        found = early.state(narrowed) if early else None
        states.append(found or dashboard.current_state(narrowed, stamps(narrowed)))
        return now.astimezone(states[0].zone).date()

    params, values, found = request.query_params.dict(), {}, None
    try:
        found = filters.parse(params, request.user, today, also=arguments, days=days)
    except Invalid as exc:
        fields = {**exc.fields, **fields}
    for name, argument in arguments.items():
        try:
            given = params.get(name)
            values[name] = argument.read(given) if given else argument.default
        except ValueError as exc:
            fields.setdefault(name, [str(exc)])
    if fields or found is None:
        named = [f"{name}: {' '.join(messages)}" for name, messages in fields.items()]
        raise Invalid("invalid", " ".join(named), fields)
    state = states[0]
    return Asked(found, values, state, now, now.astimezone(state.zone).date())


def state_key(state: State) -> str:
    """Changes whenever a figure, its days, or a stamp does."""
    parts = (
        state.version,
        state.changed_at,
        state.zone.key,
        state.is_built,
        state.is_rebuilding,
        state.measured_at,
        *state.also.items(),
    )
    return "|".join(map(str, parts))


# -- arguments ------------------------------------------------------------------------------


def one_of(*known: str) -> Callable[[str], str]:
    def read(given: str) -> str:
        if given not in known:
            raise ValueError(
                _("“%(given)s” is unknown. Choose one of: %(known)s.")
                % {"given": given[:60], "known": ", ".join(known)}
            )
        return given

    return read


def whole(least: int, most: int) -> Callable[[str], int]:
    def read(given: str) -> int:
        if given.isdecimal() and len(given) < 19 and least <= int(given) <= most:
            return int(given)
        raise ValueError(
            _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        )

    return read


def yes_no(given: str) -> bool:
    if given.lower() not in ("true", "false", "1", "0"):
        raise ValueError(_("Enter true or false."))
    return given.lower() in ("true", "1")


def time_zone(given: str) -> str:
    try:
        validate_timezone(given)
    except ValidationError as exc:
        raise ValueError(exc.messages[0]) from None
    return given


# -- what else answers show ------------------------------------------------------------------


def posts() -> dict[str, Stamp]:
    """Changes with every edit of a post: its text, campaign or pictures."""
    return {"posts_stamp": ("SELECT MAX(history_id) FROM socialhub_historicalpost", ())}


def accounts() -> dict[str, Stamp]:
    """Changes with what answers show of accounts."""
    return {"accounts_stamp": _joined("socialhub_account", "handle", "status", "audience_timezone")}


def campaigns() -> dict[str, Stamp]:
    """Changes with a campaign's name."""
    return {"campaigns_stamp": _joined("socialhub_campaign", "name")}


def membership(narrowed: Filters) -> dict[str, Stamp]:
    """Which posts belong to a campaign is no figure: its changes do not move the version."""
    return {} if narrowed.campaign is None else posts()


def pending(narrowed: Filters) -> dict[str, Stamp]:
    """Changes with the number of comments that wait; it is no figure either."""
    about = (narrowed.platform, narrowed.campaign, narrowed.content_type)
    return {"pending": _waiting(narrowed.accounts, *about)}


@lru_cache(maxsize=64)
def _waiting(
    accounts: tuple[int, ...] | None, platform: str, campaign: int | None, content_type: str
) -> Stamp:
    """The words of the query, which take longer to find than its answer."""
    about = Filters(date.min, date.min, platform, None, campaign, content_type, accounts)
    found = dashboard.waiting(about).order_by().values("pk")
    try:
        ids, params = found.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 0", ()
    return f"SELECT COUNT(*) FROM ({ids}) AS waiting", params


def history() -> dict[str, Stamp]:
    """Changes when old readings are thinned out, which moves no figure."""
    days = [f"COALESCE(CAST({name} AS text), '')" for name in ("compacted_to", "snapshots_from")]
    query = f"SELECT {' || '.join(days)} FROM analytics_dataversion WHERE id = 1"
    return {"history_stamp": (query, ())}


def _joined(table: str, *columns: str) -> Stamp:
    """The columns of every row as one text, in order."""
    row = " || '|' || ".join(["id", *columns])
    join = "string_agg" if sql.is_postgres() else "group_concat"
    return f"SELECT {join}(line, ',') FROM (SELECT {row} AS line FROM {table} ORDER BY id) t", ()
