"""Another wording of a post, for rules that want one and networks that demand it."""

from __future__ import annotations

from experiments.models import RecycledPost, RecyclingRule, Wording
from experiments.recycling import networks, similarity
from socialhub.models import Publication
from socialhub.services import drafts
from socialhub.writing import DeterministicWriter, Writer


def is_needed(original: Publication, rule: RecyclingRule | None) -> bool:
    """Does the network or the rule want another wording?"""
    if networks.repeating(original.account.platform).needs_new_text:
        return True
    return rule is not None and rule.wording == Wording.VARIED


def vary(original: Publication, number: int, writer: Writer | None = None) -> str | None:
    """A wording that no showing had and that fits the network; None when there is none.

    Without a writer it is made without AI: a web request asks nobody.
    """
    writer = writer or DeterministicWriter()
    post, account = original.post, original.account
    text = original.text_override or post.text
    earlier = RecycledPost.objects.filter(original=original).values_list(
        "publication__text_override", "post__text"
    )
    made = writer.vary(
        text,
        language=post.language,
        limit_check=lambda wording: bool(drafts.count(account, wording, post.link)["ok"]),
        seed=f"{original.pk}:{number}",
        unlike=[override or its_text for override, its_text in earlier],
    )
    if made.text is None or not is_new_enough(original, made.text):
        return None
    return made.text


def is_new_enough(original: Publication, wording: str) -> bool:
    """Networks that refuse "substantially similar" posts get less than 80 % of the old one."""
    if not networks.repeating(original.account.platform).needs_new_text:
        return True
    old = similarity.runs(original.text_override or original.post.text)
    return similarity.similarity(old, similarity.runs(wording)) < similarity.TOO_ALIKE
