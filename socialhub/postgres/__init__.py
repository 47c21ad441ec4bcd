"""PostgreSQL as Django knows it, with a health check that costs nothing while it is well."""
