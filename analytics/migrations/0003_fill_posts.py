"""Each row of numbers names its post. The rollups themselves are built by a job."""

from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    stats = apps.get_model("analytics", "PublicationStats").objects.using(
        schema_editor.connection.alias
    )
    publications = apps.get_model("socialhub", "Publication").objects
    post = publications.filter(pk=OuterRef("publication_id")).values("post_id")[:1]
    stats.filter(post__isnull=True).update(post_id=Subquery(post))


class Migration(migrations.Migration):
    dependencies = [("analytics", "0002_rollups_and_reports")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
