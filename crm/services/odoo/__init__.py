"""Syncing with Odoo: runs of one kind at a time, resumable, each object with a log line."""
