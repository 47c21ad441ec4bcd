"""Signals for the apps above. They only shorten the wait: each receiver also sweeps."""

from django.dispatch import Signal

# sender=Publication, publication_id: int. Sent after the transaction committed.
publication_published = Signal()
publication_failed = Signal()
# sender=Interaction, interaction_id: int. Sent after the transaction committed.
interaction_received = Signal()
# publication_ids, account_ids: list[int]. Sent in the transaction that is about to delete these
# rows, so that sums and copies kept elsewhere go with them.
demo_removing = Signal()
# kind: "product" or "service", item_id: int, old, new: (price or None, currency). Sent after the
# transaction committed; for what shows a price besides posts, such as pictures.
price_changed = Signal()
