from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('storage', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AccessEntry',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('address', fields.CharField(max_length=64)),
                ('method', fields.CharField(max_length=8)),
                ('route', fields.CharField(max_length=96)),
                ('status', fields.IntField()),
                ('milliseconds', fields.IntField()),
                ('person', fields.CharField(default='', max_length=36)),
            ],
            options={'table': 'access_log', 'app': 'storage', 'indexes': [Index(fields=['at']), Index(fields=['address', 'at']), Index(fields=['person', 'at']), Index(fields=['status', 'at'])], 'pk_attr': 'id', 'table_description': 'One request over HTTP. ``route`` is the declared path, in which ids stand as names.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Block',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('network', fields.CharField(max_length=64)),
                ('reason', fields.CharField(default='', max_length=200)),
                ('made_by', fields.CharField(max_length=128)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('lifted_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('hits', fields.IntField(default=0)),
                ('hit_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'blocks', 'app': 'storage', 'indexes': [Index(fields=['lifted_at', 'expires_at'])], 'pk_attr': 'id', 'table_description': 'A network whose requests the HTTP server refuses for a while.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ChecklistRun',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('name', fields.CharField(max_length=32)),
                ('subject', fields.CharField(max_length=64)),
                ('opened_by', fields.CharField(max_length=128)),
                ('opened_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('reminded_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('closed_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'checklist_runs', 'app': 'storage', 'unique_together': (('name', 'subject'),), 'indexes': [Index(fields=['closed_at', 'name']), Index(fields=['opened_at'])], 'pk_attr': 'id', 'table_description': 'One use of a checklist.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ChecklistMark',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ('run', fields.ForeignKeyField('storage.ChecklistRun', source_field='run_id', db_constraint=True, to_field='id', related_name='marks', on_delete=OnDelete.CASCADE)),
                ('item', fields.CharField(max_length=48)),
                ('state', fields.CharField(max_length=8)),
                ('evidence', fields.CharField(default='', max_length=300)),
                ('who', fields.CharField(max_length=128)),
                ('at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'checklist_marks', 'app': 'storage', 'unique_together': (('run', 'item'),), 'pk_attr': 'id', 'table_description': 'What was found for one item: by hand, or from evidence.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='OneTimeCode',
            fields=[
                ('code_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('purpose', fields.CharField(max_length=32)),
                ('person', fields.ForeignKeyField('storage.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='codes', on_delete=OnDelete.CASCADE)),
                ('details', fields.JSONField(default=dict, encoder=functools.partial(dumps, separators=(',', ':')), decoder=loads)),
                ('made_by', fields.CharField(max_length=128)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'one_time_codes', 'app': 'storage', 'indexes': [Index(fields=['expires_at'])], 'pk_attr': 'code_hash', 'table_description': 'A link that is good once, of which only a hash is kept.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Session',
            fields=[
                ('id_hash', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ('kind', fields.CharField(max_length=16)),
                ('person', fields.ForeignKeyField('storage.Person', source_field='person_id', null=True, db_constraint=True, to_field='id', related_name='sessions', on_delete=OnDelete.CASCADE)),
                ('account', fields.CharField(default='', max_length=128)),
                ('role', fields.CharField(max_length=16)),
                ('source', fields.CharField(default='', max_length=96)),
                ('credential', fields.CharField(default='', max_length=36)),
                ('agent', fields.CharField(default='', max_length=200)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('used_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('revoked_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ('revoked_by', fields.CharField(default='', max_length=128)),
            ],
            options={'table': 'sessions', 'app': 'storage', 'indexes': [Index(fields=['revoked_at', 'expires_at']), Index(fields=['person_id', 'expires_at']), Index(fields=['expires_at'])], 'pk_attr': 'id_hash', 'table_description': 'Somebody who signed in: a token of the API, or a browser. Only a hash of its id is kept.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SigningKey',
            fields=[
                ('kid', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ('ring', fields.CharField(max_length=16)),
                ('number', fields.IntField()),
                ('sealed', fields.TextField(unique=False)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('accepted_until', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'signing_keys', 'app': 'storage', 'unique_together': (('ring', 'number'),), 'pk_attr': 'kid', 'table_description': 'A key that signs tokens, encrypted. ``ring`` names the secret that it is encrypted with.'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='ApiKey',
            name='suspended_until',
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
    ]
