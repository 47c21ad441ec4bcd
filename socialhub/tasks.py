"""Celery tasks: ids in, one service call, no rules."""
