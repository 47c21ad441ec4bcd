"""What a plan comes to, in a sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from socialhub.services.errors import Invalid

if TYPE_CHECKING:
    from experiments.services.planner import Planned


def refused(field: str) -> Invalid:
    """For a number that no test can be planned with; `field` as the statistics call it."""
    name = {"relative_mde": "smallest_effect", "variants": "variants"}.get(field, field)
    if name == "smallest_effect":
        message = _("There is no such effect: the rate would be above 100 %, or below 0.")
    else:
        message = _("With this number no test can be planned.")
    return Invalid("plan", message, {name: [message]} if name else {})


def by_hand(unit: str) -> str:
    """Without a history."""
    if unit == "visitors":
        return _(
            "Nobody knows yet how many visitors will come: enter the control's rate and the "
            "visitors of a day by hand."
        )
    return _("These accounts have no measured posts to plan with yet: enter the numbers by hand.")


def sentence(planned: Planned, wanted: float) -> str:
    """What the plan comes to; `wanted` is the smallest effect of interest."""
    effect = _percent(wanted)
    if planned.unit == "blocks" and not planned.blocks_per_week:
        return _("Give these accounts posting slots first: variants are shown in matched slots.")
    if planned.refused:
        return _("%(effect)s cannot be found here. %(found)s") % {
            "effect": effect,
            "found": _found(planned),
        }
    needs = _needs(planned, effect)
    if planned.feasible and planned.weeks is not None:
        weeks = max(1, math.ceil(planned.weeks))
        takes = ngettext("That takes %(n)s week.", "That takes about %(n)s weeks.", weeks)
        return f"{needs} {takes % {'n': weeks}}"
    return f"{needs} {_('That is more than these accounts earn.')} {_found(planned)}"


def _needs(planned: Planned, effect: str) -> str:
    n = number_format(planned.needed or 0, force_grouping=True)
    if planned.unit == "blocks":
        return _("To find %(effect)s it takes %(posts)s posts in %(n)s matched slots.") % {
            "effect": effect,
            "posts": number_format(planned.posts or 0, force_grouping=True),
            "n": n,
        }
    if planned.unit == "engagements":
        return _("To find %(effect)s each variant needs %(n)s reactions.") % {
            "effect": effect,
            "n": n,
        }
    if planned.unit == "visitors":
        return _("To find %(effect)s each variant needs %(n)s visitors.") % {
            "effect": effect,
            "n": n,
        }
    return _("To find %(effect)s each variant needs %(n)s impressions.") % {
        "effect": effect,
        "n": n,
    }


def _found(planned: Planned) -> str:
    if planned.achievable_effect is None:
        return _("With so little no effect can be found.")
    # Rounded up: what is promised can be found.
    return _("You can detect %(effect)s or more.") % {
        "effect": _percent(math.ceil(100 * planned.achievable_effect - 1e-9) / 100)
    }


def _percent(effect: float) -> str:
    percent = round(100 * effect, 1)
    whole = int(percent) if percent == int(percent) else percent
    return f"+{number_format(whole, force_grouping=True)} %"
