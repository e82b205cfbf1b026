from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('storage', '0002_posts')]

    initial = False

    operations = [
        ops.CreateModel(
            name='GatheredPart',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('platform', fields.CharField(max_length=32)),
                ('chat', fields.CharField(max_length=96)),
                ('group', fields.CharField(max_length=96)),
                ('part', fields.CharField(max_length=96)),
                ('user', fields.CharField(max_length=64)),
                ('content', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('is_taken', fields.BooleanField(default=False)),
                ('created_at', fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('changed_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'gathered_parts', 'app': 'storage', 'unique_together': (('platform', 'chat', 'group', 'part'),), 'indexes': [Index(fields=['platform', 'user']), Index(fields=['platform', 'is_taken'])], 'pk_attr': 'id', 'table_description': 'One part, until it is too old to belong to what may still come.'},
            bases=['Model'],
        ),
    ]
