from tortoise import migrations
from tortoise.migrations import operations as ops
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('storage', '0003_more_operations')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AccuracyCount',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('layout', fields.CharField(max_length=32)),
                ('engine', fields.CharField(max_length=32)),
                ('decks_verified', fields.BigIntField(default=0, db_default=0)),
                ('decks_doubtful', fields.BigIntField(default=0, db_default=0)),
                ('lines_certain', fields.BigIntField(default=0, db_default=0)),
                ('lines_flagged', fields.BigIntField(default=0, db_default=0)),
                ('flagged_changed', fields.BigIntField(default=0, db_default=0)),
                ('flagged_confirmed', fields.BigIntField(default=0, db_default=0)),
                ('certain_changed', fields.BigIntField(default=0, db_default=0)),
                ('certain_decks', fields.BigIntField(default=0, db_default=0)),
                ('by_card', fields.BigIntField(default=0, db_default=0)),
                ('by_count', fields.BigIntField(default=0, db_default=0)),
                ('by_section', fields.BigIntField(default=0, db_default=0)),
                ('by_removed', fields.BigIntField(default=0, db_default=0)),
                ('by_added', fields.BigIntField(default=0, db_default=0)),
                ('by_confirmed', fields.BigIntField(default=0, db_default=0)),
                ('by_merged', fields.BigIntField(default=0, db_default=0)),
                ('by_undone', fields.BigIntField(default=0, db_default=0)),
            ],
            options={'table': 'accuracy_counts', 'app': 'storage', 'unique_together': (('layout', 'engine'),), 'pk_attr': 'id', 'table_description': 'What was counted of one layout and engine. Numbers only grow, and stay when decks are deleted.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='Correction',
            name='of_certain',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Correction',
            name='of_flagged',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddIndex(
            model_name='Correction',
            index=Index(fields=['at']),
        ),
    ]
