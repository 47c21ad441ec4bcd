import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("experiments", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PostCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("link", models.CharField(choices=[("unknown", "unknown"), ("alive", "alive"), ("dead", "dead")], default="unknown", max_length=8)),
                ("link_detail", models.CharField(blank=True, default="", max_length=300)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("media_missing", models.BooleanField(default=False)),
                ("checked_at", models.DateTimeField()),
                ("post", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="recycling_check", to="socialhub.post")),
            ],
            options={
                "verbose_name": "check of a post",
                "verbose_name_plural": "checks of posts",
            },
        ),
    ]
