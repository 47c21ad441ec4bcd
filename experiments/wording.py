"""What the codes of the statistics mean, in the language of the reader."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from experiments.statistics.claims import Code

CLAIMS = {
    "causes_rate": _("The audience was split at random: a winner causes the higher rate."),
    "causes_count": _("The audience was split at random: a winner causes more reactions."),
    "causes_value": _("The audience was split at random: a winner causes the higher values."),
    "account_rate": _("Slots were matched: a winner causes the higher rate on this account."),
    "account_count": _("Slots were matched: a winner causes more reactions on this account."),
    "account_value": _("Slots were matched: a winner causes higher values on this account."),
    "goes_with_rate": _("A winner goes with the higher rate; the luck of single posts may be why."),
    "goes_with_count": _("A winner goes with more reactions; the luck of single posts may be why."),
    "goes_with_value": _("A winner goes with higher values; the luck of single posts may be why."),
    "post_rate": _("One post each: this post did better; its text need not be better."),
    "post_count": _("One post each: this post got more reactions; its text need not be better."),
    "post_value": _("Posts were not matched: these did better; their text need not be better."),
}


def claim(code: Code) -> str:
    """What may be claimed."""
    return str(CLAIMS[code])
