"""One paragraph from the figures, in the active language. It claims nothing the figures lack."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analytics.services.reports import shown

JSON = dict[str, Any]


def paragraph(figures: JSON, revision: int = 1) -> str:
    """What went out, what people did, which post did best, followers; revisions say so."""
    sentences = [
        _published(figures),
        _compared(figures),
        _engaged(figures),
        _seen(figures),
        _best(figures),
        _followers(figures),
    ]
    if revision > 1:
        sentences.append(revised(revision))
    return " ".join(sentence for sentence in sentences if sentence)


def revised(revision: int) -> str:
    """That this is not the first report of its period."""
    return _(
        "This is revision %(number)s: made again on request, with the numbers known at that time."
    ) % {"number": revision}


def period(figures: JSON) -> str:
    """ "2 March 2026 – 8 March 2026"."""
    first, last = figures["period"]["first"], figures["period"]["last"]
    if first == last:
        return shown.day(first)
    return f"{shown.day(first)} – {shown.day(last)}"


def suggestion(figures: JSON) -> str:
    """What to try next, from the best times; it says so when there is too little to go by."""
    best = figures["best_times"]
    sure = [slot for slot in best["slots"] if slot["badge"] in ("strong", "likely")]
    if not sure:
        return _(
            "There are not enough posts yet to recommend a time. Publish on different days and "
            "hours to find out."
        )
    names = [
        _("%(day)s at %(time)s") % {"day": shown.weekday(s["day"]), "time": s["hour_formatted"]}
        for s in sure[:2]
    ]
    times = names[0]
    if len(names) > 1:
        times = _("%(first)s or %(second)s") % {"first": names[0], "second": names[1]}
    found = sure[0]
    rests = ngettext(
        "It rests on %(count)s post in the first of these hours.",
        "It rests on %(count)s posts in the first of these hours.",
        found["sample_size"],
    ) % {"count": shown.number(found["sample_size"])}
    if found["badge"] == "strong":
        return _("Publish on %(times)s: posts did best then.") % {"times": times} + " " + rests
    return _("Try %(times)s: posts seem to do well then.") % {"times": times} + " " + rests


def _published(figures: JSON) -> str:
    posts, publications = figures["totals"]["posts"], figures["totals"]["publications"]
    networks = len(figures["platforms"])
    first, last = shown.day(figures["period"]["first"]), shown.day(figures["period"]["last"])
    if not posts:
        return _("Nothing was published from %(first)s to %(last)s.") % {
            "first": first,
            "last": last,
        }
    went = ngettext(
        "From %(first)s to %(last)s, %(posts)s post went out",
        "From %(first)s to %(last)s, %(posts)s posts went out",
        posts,
    ) % {"first": first, "last": last, "posts": shown.number(posts)}
    where = ngettext("on %(networks)s network", "on %(networks)s networks", networks) % {
        "networks": networks
    }
    if publications == posts:
        return f"{went} {where}."
    times = ngettext("as %(count)s publication", "as %(count)s publications", publications) % {
        "count": shown.number(publications)
    }
    return f"{went} {where}, {times}."


def _compared(figures: JSON) -> str:
    now, before = figures["totals"]["posts"], figures["before"]["posts"]
    if not now and not before:
        return ""
    if not before:
        return _("Nothing had been published in the equally long period before.")
    values = {"before": shown.number(before)}
    if now == before:
        return _("That is as many as in the period before.")
    change = figures["changes"]["posts"]
    if abs(change) < 0.5:
        return _("That is about as many as in the period before (%(before)s).") % values
    values["change"] = shown.number(abs(change))
    if now > before:
        return _("That is %(change)s %% more than in the period before (%(before)s).") % values
    return _("That is %(change)s %% less than in the period before (%(before)s).") % values


def _engaged(figures: JSON) -> str:
    """What happened in the period, whenever the posts went out."""
    happened = figures["happened"]["engagements"]
    if happened is None:
        return _("How much people engaged in these days is not known.")
    known = ngettext(
        "People engaged %(count)s time with posts, older ones included",
        "People engaged %(count)s times with posts, older ones included",
        happened,
    ) % {"count": shown.number(happened)}
    change = figures["changes"]["engagements"]
    if change is None:
        return f"{known}; " + _("there is not enough data to compare that with the period before.")
    values = {"change": shown.number(abs(change))}
    if abs(change) < 0.5:
        return f"{known}, " + _("about as much as in the period before.")
    if change > 0:
        return f"{known}, " + _("%(change)s %% more than in the period before.") % values
    return f"{known}, " + _("%(change)s %% less than in the period before.") % values


def _seen(figures: JSON) -> str:
    totals = figures["totals"]
    if not totals["posts"]:
        return ""
    if totals["impressions"] is None:
        return _("The networks report no impressions for what was published.")
    seen = ngettext(
        "What was published was seen %(count)s time so far",
        "What was published was seen %(count)s times so far",
        totals["impressions"],
    ) % {"count": shown.number(totals["impressions"])}
    if totals["avg_engagement_rate"] is None:
        return f"{seen}."
    rate = shown.rate(totals["avg_engagement_rate"])
    return f"{seen}, " + _("with an engagement rate of %(rate)s.") % {"rate": rate}


def _best(figures: JSON) -> str:
    if not figures["top"]:
        return ""
    post = figures["top"][0]
    values = {
        "network": shown.network(post["platforms"][0]),
        "text": shown.excerpt(post["content"], 60) or "#" + str(post["id"]),
    }
    if figures["ranking"]["by"] == "engagement_rate":
        values["rate"] = shown.rate(post["engagement_rate"])
        return _("Best of them: “%(text)s” on %(network)s, engagement rate %(rate)s.") % values
    values["count"] = shown.number(post["engagements"])
    return (
        ngettext(
            "Best of them: “%(text)s” on %(network)s, %(count)s engagement.",
            "Best of them: “%(text)s” on %(network)s, %(count)s engagements.",
            post["engagements"],
        )
        % values
    )


def _followers(figures: JSON) -> str:
    """Only of accounts whose number is known at both ends."""
    known = [row for row in figures["followers"] if row["change"] is not None]
    if not known:
        return ""
    total = sum(row["followers"] for row in known)
    return ngettext(
        "%(total)s person follows the accounts (%(change)s).",
        "%(total)s people follow the accounts (%(change)s).",
        total,
    ) % {"total": shown.number(total), "change": shown.signed(sum(r["change"] for r in known))}
