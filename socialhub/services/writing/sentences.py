"""What writers say, in words for a person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from socialhub.writing import WhyNot
from socialhub.writing.ai import AIError


def why_not(why: WhyNot | None) -> str:
    """Why there is no text, and what to do about it."""
    sentences = {
        WhyNot.EMPTY: _("There is no text to work with. Write one first."),
        WhyNot.LANGUAGE: _("Without AI only Spanish and English can be varied."),
        WhyNot.NO_ROOM: _("No wording is short enough for every account. Shorten it by hand."),
        WhyNot.TOO_ALIKE: _("No wording differs enough. Change the text by hand."),
        WhyNot.TOO_LONG: _("The text is too long for so few parts. Shorten it or allow more."),
        WhyNot.TOO_SHORT: _("The text is too short for so many parts. Ask for fewer."),
        WhyNot.FITS: _("The text fits as it is."),
        WhyNot.NOTHING_KNOWN: _(
            "Too little is known to write from without AI. Give a text, an address or a product."
        ),
    }
    return sentences.get(why, "") if why else ""


def failure(error: AIError) -> str:
    """What went wrong with AI, and what to do. Quotes nothing of the endpoint."""
    sentences = {
        "limit_reached": _("This month's limit for AI is reached."),
        "no_prices": _(
            "There is a cost limit for AI but no prices. Set AI_PRICE_INPUT and AI_PRICE_OUTPUT."
        ),
        "address_refused": _(
            "The address of the AI is private or cannot be used. "
            "Check AI_BASE_URL, or list its host in SOCIALHUB_ALLOWED_PRIVATE_HOSTS."
        ),
        "unreachable": _("The AI could not be reached. Check AI_BASE_URL and the network."),
        "key_refused": _("The AI does not accept the key. Check AI_API_KEY."),
        "not_permitted": _("The key may not use this model. Check the account with the provider."),
        "model_unknown": _("The AI does not know this model or address. Check AI_MODEL."),
        "out_of_credit": _("The credit with the AI's provider is used up."),
        "rate_limited": _("The AI has too many requests right now. Try again in some minutes."),
        "request_refused": _("The AI did not take the request. Run manage.py ai_check."),
        "redirected": _("The AI's address leads elsewhere. Enter the final one in AI_BASE_URL."),
        "server_error": _("The AI has a fault. Try again later."),
        "too_slow": _("The AI took too long."),
        "cut_short": _("The AI's answer broke off."),
        "too_large": _("The AI's answer was too large."),
        "unreadable": _("The AI's answer could not be read."),
        "refused": _("The AI refused to write this."),
        "not_as_asked": _("The AI did not keep to the rules in three tries."),
    }
    return sentences.get(error.code, _("The AI failed (%(code)s).") % {"code": error.code})
