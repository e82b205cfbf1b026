from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('storage', '0003_incidents')]

    initial = False

    operations = [
        ops.CreateModel(
            name='FigureSample',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('source', fields.CharField(max_length=96)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('seconds', fields.IntField()),
                ('levels', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('tallies', fields.JSONField(encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
            ],
            options={'table': 'figure_samples', 'app': 'storage', 'unique_together': (('source', 'at', 'seconds'),), 'indexes': [Index(fields=['at'])], 'pk_attr': 'id', 'table_description': 'What one process measured in one span of ``seconds`` that begins at ``at``.'},
            bases=['Model'],
        ),
        ops.AddIndex(
            model_name='Conversion',
            index=Index(fields=['ended_at']),
        ),
    ]
