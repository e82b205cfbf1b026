"""How accurate readings turned out to be, counted since the beginning."""

from tortoise import fields
from tortoise.models import Model


def _count() -> int:
    return fields.BigIntField(default=0, db_default=0)


class AccuracyCount(Model):
    """What was counted of one layout and engine. Numbers only grow, and stay when decks are deleted.

    Decks and lines are those that people were given; ``flagged_…`` and ``certain_…`` are lines of these that they
    settled, ``certain_decks`` the decks of which they changed a certain line; then corrections by kind.
    """

    id = fields.UUIDField(primary_key=True)
    layout = fields.CharField(max_length=32)
    engine = fields.CharField(max_length=32)
    decks_verified = _count()
    decks_doubtful = _count()
    lines_certain = _count()
    lines_flagged = _count()
    flagged_changed = _count()
    flagged_confirmed = _count()
    certain_changed = _count()
    certain_decks = _count()
    by_card = _count()
    by_count = _count()
    by_section = _count()
    by_removed = _count()
    by_added = _count()
    by_confirmed = _count()
    by_merged = _count()
    by_undone = _count()

    class Meta:
        table = "accuracy_counts"
        unique_together = (("layout", "engine"),)
