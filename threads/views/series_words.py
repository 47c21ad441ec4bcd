"""What a series says of itself: one sentence per account, and one for all of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from socialhub.models import AccountStatus, PostStatus
from socialhub.models import PublicationStatus as S
from socialhub.services import publishing
from threads.models import ThreadSeries
from threads.queries import series_page
from threads.queries.series_page import Chain, Link

STUCK = (S.FAILED, S.MISSED, S.CANCELLED)
_WHAT = {
    S.FAILED: gettext_lazy("Part %(n)s failed."),
    S.MISSED: gettext_lazy("Part %(n)s was not sent in time."),
    S.CANCELLED: gettext_lazy("Part %(n)s is cancelled."),
    S.UNKNOWN: gettext_lazy("Part %(n)s got no answer."),
}
_WHAT_THERE = {
    S.FAILED: gettext_lazy("Part %(n)s failed on %(account)s."),
    S.MISSED: gettext_lazy("Part %(n)s was not sent in time on %(account)s."),
    S.CANCELLED: gettext_lazy("Part %(n)s is cancelled on %(account)s."),
    S.UNKNOWN: gettext_lazy("Part %(n)s got no answer on %(account)s."),
}


def headline(row: ThreadSeries, found: Sequence[Chain]) -> str:
    """The one sentence on top; of one account it is that account's."""
    if not found:
        return _("It goes out on no account yet.")
    if len(found) == 1:
        return of_chain(row, found[0])
    out, total = series_page.totals(found)
    accounts = len(found)
    if not out:
        return _("Nothing is out yet on %(accounts)s accounts.") % {"accounts": accounts}
    said = {"out": out, "total": total, "accounts": accounts}
    if out == total:
        return _("All %(total)s publications are out on %(accounts)s accounts.") % said
    return _("%(out)s of %(total)s publications are out on %(accounts)s accounts.") % said


def of_chain(row: ThreadSeries, chain: Chain) -> str:
    """Where the series is on one account, and what goes on from there."""
    link = chain.first_not_out
    if link is None:
        return _over(chain)
    return f"{_so_far(chain)} {_next(row, chain, link)}".strip()


def _over(chain: Chain) -> str:
    said = {"n": len(chain.links), "out": chain.out, "account": chain.account}
    if chain.out == len(chain.links):
        return (
            ngettext(
                "The one part is out on %(account)s.",
                "All %(n)s parts are out on %(account)s.",
                said["n"],
            )
            % said
        )
    if chain.out:
        return _("%(out)s of %(n)s parts are out on %(account)s; the rest is cancelled.") % said
    return _("Nothing of it goes out on %(account)s: it is cancelled.") % said


def _so_far(chain: Chain) -> str:
    said = {"n": len(chain.links), "out": chain.out, "account": chain.account}
    if not chain.out:
        return ""
    return _("%(out)s of %(n)s parts are out on %(account)s.") % said


def _next(row: ThreadSeries, chain: Chain, link: Link) -> str:
    publication = link.publication
    if publication.status in (*STUCK, S.UNKNOWN):
        return _stuck(chain, link)
    if publication.status == S.DRAFT:
        return _draft(chain, link)
    if chain.account.status != AccountStatus.ACTIVE:
        return _("%(parts)s wait until %(account)s is connected again.") % {
            "parts": parts(chain, link.position),
            "account": chain.account,
        }
    if publication.status == S.PUBLISHING:
        return _("Part %(n)s is on its way to %(account)s.") % {
            "n": link.position,
            "account": chain.account,
        }
    if chain.out:
        return _("Part %(n)s follows.") % {"n": link.position}
    return _ahead(chain, link)


def _ahead(chain: Chain, link: Link) -> str:
    due = link.publication.due_at
    said = {"parts": parts(chain, link.position), "account": chain.account}
    if due is None:
        return _("%(parts)s wait for a time on %(account)s.") % said
    at = formats.date_format(timezone.localtime(due), "SHORT_DATETIME_FORMAT")
    return _("%(parts)s go out on %(account)s from %(at)s.") % {**said, "at": at}


def _stuck(chain: Chain, link: Link) -> str:
    # Where some are out, the sentence before has named the account.
    what = (_WHAT if chain.out else _WHAT_THERE)[S(link.publication.status)]
    sentences = [
        str(what) % {"n": link.position, "account": chain.account},
        publishing.explain(link.publication),
    ]
    left = [each for each in chain.links if each.position >= link.position and _goes_on(each)]
    if link.publication.status in (S.FAILED, S.MISSED) and left:
        sentences.append(_("Resume sends %(parts)s.") % {"parts": _span(left)})
    elif link.publication.status == S.UNKNOWN and len(left) > 1:
        sentences.append(_("The parts after it wait."))
    return " ".join(sentence for sentence in sentences if sentence)


def _goes_on(link: Link) -> bool:
    return link.publication.status in (S.FAILED, S.MISSED, S.SCHEDULED, S.UNKNOWN)


def _draft(chain: Chain, link: Link) -> str:
    said = {"parts": parts(chain, link.position), "account": chain.account}
    if chain.out and link.publication.post.status != PostStatus.APPROVED:
        return _("%(parts)s were changed: they go out after they are approved again.") % said
    if link.publication.post.status != PostStatus.APPROVED:
        return _("%(parts)s wait for approval on %(account)s.") % said
    return _("%(parts)s wait for a time on %(account)s.") % said


def parts(chain: Chain, first: int) -> str:
    """ "Parts 3 to 5" from this position on."""
    span = _span([link for link in chain.links if link.position >= first])
    return span[:1].upper() + span[1:]


def _span(links: Sequence[Link]) -> str:
    first, last = links[0].position, links[-1].position
    if first == last:
        return _("part %(n)s") % {"n": first}
    return _("parts %(first)s to %(last)s") % {"first": first, "last": last}
