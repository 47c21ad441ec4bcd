"""PostgreSQL: the snapshots become a table partitioned by month.

The table there is stays whole, as the default partition; a job moves its rows into months.
"""

from django.db import migrations

TABLE = "analytics_postmetrics"
REST = f"{TABLE}_rest"


def partition(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    run = schema_editor.execute
    run(f"ALTER TABLE {TABLE} RENAME TO {REST}")
    run(f"ALTER INDEX {TABLE}_pkey RENAME TO {REST}_pkey")
    run(
        f"CREATE TABLE {TABLE} (LIKE {REST} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
        " PARTITION BY RANGE (collected_at)"
    )
    run(f"ALTER TABLE {TABLE} ADD PRIMARY KEY (publication_id, collected_at)")
    run(
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_publication FOREIGN KEY (publication_id)"
        " REFERENCES socialhub_publication (id) DEFERRABLE INITIALLY DEFERRED"
    )
    run(f"CREATE INDEX {TABLE}_by_time ON {TABLE} USING brin (collected_at)")
    run(f"ALTER TABLE {TABLE} ATTACH PARTITION {REST} DEFAULT")
    # Room for new versions of a row in its own page.
    run("ALTER TABLE analytics_publicationstats SET (fillfactor = 85)")


def unite(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    run = schema_editor.execute
    run(f"CREATE TABLE {TABLE}_whole (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    run(f"INSERT INTO {TABLE}_whole SELECT * FROM {TABLE}")
    run(f"DROP TABLE {TABLE}")
    run(f"ALTER TABLE {TABLE}_whole RENAME TO {TABLE}")
    run(
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_pkey PRIMARY KEY (publication_id, collected_at)"
    )
    run(
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {TABLE}_publication FOREIGN KEY (publication_id)"
        " REFERENCES socialhub_publication (id) DEFERRABLE INITIALLY DEFERRED"
    )
    run("ALTER TABLE analytics_publicationstats RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("analytics", "0004_post_required")]

    operations = [
        # The state is the same: Django sees one table.
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(partition, unite)]
        )
    ]
