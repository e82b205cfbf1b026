"""Pictures that were sent: who sent what, until when; and their bytes where the database keeps them."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from storage.models.people import Person


class Picture(Model):
    """The copy of a content that one person sent. The bytes go when nobody's copy is left."""

    id = fields.UUIDField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "storage.Person", related_name="pictures", on_delete=fields.CASCADE
    )
    person_id: UUID
    content_hash = fields.CharField(max_length=64)
    size = fields.IntField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "pictures"
        unique_together = (("content_hash", "person_id"),)


class PictureContent(Model):
    """Bytes of a picture by their hash, for deployments whose machines share no folder."""

    content_hash = fields.CharField(max_length=64, primary_key=True)
    data = fields.BinaryField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "picture_contents"
