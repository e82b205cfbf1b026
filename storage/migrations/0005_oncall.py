from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('storage', '0004_figures')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Deadline',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('incident', fields.UUIDField()),
                ('turn', fields.IntField(default=0)),
                ('kind', fields.CharField(max_length=16)),
                ('severity', fields.CharField(max_length=2)),
                ('percent', fields.IntField()),
                ('due_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('told_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('state', fields.CharField(max_length=12)),
            ],
            options={'table': 'deadlines', 'app': 'storage', 'unique_together': (('incident', 'turn', 'kind', 'severity', 'percent'),), 'indexes': [Index(fields=['state', 'due_at'])], 'pk_attr': 'id', 'table_description': "When a share of an incident's time is over. ``told_at``: it was said, or was no longer worth saying."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OnCallException',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=12)),
                ('duty', fields.CharField(default='', max_length=16)),
                ('human', fields.CharField(max_length=128)),
                ('since', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('until', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('made_by', fields.CharField(max_length=128)),
                ('made_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('cancelled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'oncall_exceptions', 'app': 'storage', 'indexes': [Index(fields=['until', 'cancelled_at'])], 'pk_attr': 'id', 'table_description': "Somebody has a duty instead of whoever's turn it is, or is away."},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Page',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('key', fields.CharField(unique=True, max_length=96)),
                ('incident', fields.UUIDField(null=True)),
                ('target', fields.CharField(max_length=16)),
                ('title', fields.CharField(max_length=200)),
                ('reason', fields.CharField(default='', max_length=200)),
                ('severity', fields.CharField(default='', max_length=2)),
                ('asked_by', fields.CharField(max_length=128)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('round', fields.IntField(default=0)),
                ('level', fields.IntField(default=0)),
                ('next_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('acknowledged_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('acknowledged_by', fields.CharField(default='', max_length=128)),
                ('ended_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('outcome', fields.CharField(default='', max_length=200)),
            ],
            options={'table': 'pages', 'app': 'storage', 'indexes': [Index(fields=['next_at']), Index(fields=['incident', 'opened_at'])], 'pk_attr': 'id', 'table_description': 'Somebody is called until one acknowledges. ``key`` is what it is made for, so that it is made once.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PageAttempt',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('page', fields.ForeignKeyField('storage.Page', source_field='page_id', db_constraint=True, to_field='id', related_name='attempts', on_delete=OnDelete.CASCADE)),
                ('round', fields.IntField()),
                ('human', fields.CharField(default='', max_length=128)),
                ('platform', fields.CharField(max_length=32)),
                ('chat', fields.CharField(max_length=96)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('outcome', fields.CharField(max_length=12)),
                ('problem', fields.CharField(default='', max_length=300)),
                ('settled_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'page_attempts', 'app': 'storage', 'indexes': [Index(fields=['outcome', 'at'])], 'pk_attr': 'id', 'table_description': "One message of a page: to one account of a human, or to a chat with mentions. ``id`` is the message's."},
            bases=['Model'],
        ),
    ]
