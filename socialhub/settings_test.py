"""Settings of the test suite: fast hashing, files in a scratch folder, no mail leaves."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_SCRATCH = Path(os.environ.setdefault("SOCIALHUB_VAR", tempfile.mkdtemp(prefix="socialhub-test-")))
os.environ.setdefault("SECRET_KEY", "k" * 50)
# Worker processes started by tests must read what the tests wrote.
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "Zm9yLXRoZS10ZXN0LXN1aXRlLW9ubHktMzItYnl0ZXM=")
os.environ.setdefault("SOCIALHUB_ALLOWED_PRIVATE_HOSTS", "127.0.0.1,localhost")
# Starting a browser takes longer than most tests; those of Chromium name it.
os.environ.setdefault("RENDERER", "takumi")

from socialhub.settings import *  # noqa: E402
from socialhub.settings import CACHES, DATABASES, EMBEDDED, REDIS_URL, STORAGES  # noqa: E402

TESTING = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
if REDIS_URL:
    # Clearing a cache empties its whole Redis database: one for each process of the suite.
    _process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    CACHES["default"]["LOCATION"] = f"{REDIS_URL.rsplit('/', 1)[0]}/{1 + _process}"
if EMBEDDED:
    # A file, so that worker processes see the rows.
    DATABASES["default"]["TEST"] = {"NAME": str(_SCRATCH / "test.sqlite3")}
