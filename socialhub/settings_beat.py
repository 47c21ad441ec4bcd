"""Settings of the beat process: only what its scheduler needs, half the memory.

Beat sends tasks by name and reads the schedule's tables; it knows no other model.
"""

from __future__ import annotations

from typing import Any

from socialhub.settings import *

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_celery_beat",
]
MIDDLEWARE: list[str] = []
TEMPLATES: list[dict[str, Any]] = []
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
# Django's checks want one: this module, without a page.
ROOT_URLCONF = "socialhub.settings_beat"
urlpatterns: list[Any] = []
