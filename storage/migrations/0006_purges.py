from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('storage', '0005_oncall')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Purge',
            fields=[
                ('id', fields.CharField(primary_key=True, unique=True, db_index=True, max_length=8)),
                ('count', fields.IntField()),
                ('by', fields.CharField(max_length=128)),
                ('reason', fields.CharField(max_length=200)),
                ('created_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('expires_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ('undone_at', fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'purges', 'app': 'storage', 'pk_attr': 'id', 'table_description': 'One emptying of the queue. ``undone_at`` is set when its jobs were queued again.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PurgedJob',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('purge', fields.ForeignKeyField('storage.Purge', source_field='purge_id', db_constraint=True, to_field='id', related_name='jobs', on_delete=OnDelete.CASCADE)),
                ('conversion', fields.ForeignKeyField('storage.Conversion', source_field='conversion_id', db_constraint=True, to_field='id', related_name='purges', on_delete=OnDelete.CASCADE)),
                ('picture_hash', fields.CharField(null=True, max_length=64)),
                ('priority', fields.IntField()),
                ('accepted_at', fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'purged_jobs', 'app': 'storage', 'pk_attr': 'id', 'table_description': 'One job of a purge, with its place in the queue.'},
            bases=['Model'],
        ),
    ]
