from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.migrations.constraints import UniqueConstraint

class Migration(migrations.Migration):
    dependencies = [('storage', '0001_initial')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Conversion',
            name='position',
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name='Conversion',
            name='post',
            field=fields.UUIDField(null=True, db_index=True),
        ),
        ops.AddField(
            model_name='OutboxMessage',
            name='origin',
            field=fields.CharField(null=True, max_length=96),
        ),
        ops.AddConstraint(
            model_name='OutboxMessage',
            constraint=UniqueConstraint(fields=('platform', 'chat', 'origin'), name=None),
        ),
    ]
