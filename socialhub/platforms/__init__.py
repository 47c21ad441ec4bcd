"""One file per network. Plain dataclasses in and out: no ORM, no Celery, no Django settings."""
