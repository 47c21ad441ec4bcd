"""Settings. Everything that differs between installations comes from the environment.

Two shapes: embedded (SQLite, file broker; nothing else installed) when DATABASE_URL is not set,
production (PostgreSQL, Redis) when it is. docs/settings.md lists every variable.
"""

from __future__ import annotations

import sys
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from socialhub import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("SOCIALHUB_VAR", str(BASE_DIR / "var")))
DATABASE_URL = env.text("DATABASE_URL")
REDIS_URL = env.text("REDIS_URL")
EMBEDDED = not DATABASE_URL or DATABASE_URL.startswith("sqlite")
DEBUG = env.flag("DEBUG")
TESTING = False

if EMBEDDED:
    _made = env.embedded_secrets(VAR_DIR)
    SECRET_KEY = env.text("SECRET_KEY") or _made["SECRET_KEY"]
    _keys = env.text("FIELD_ENCRYPTION_KEYS") or _made["FIELD_ENCRYPTION_KEYS"]
else:
    if DEBUG:
        raise ImproperlyConfigured("DEBUG shows secrets to visitors; unset it in production.")
    if not REDIS_URL:
        raise ImproperlyConfigured("REDIS_URL is not set. PostgreSQL runs with Redis as broker.")
    SECRET_KEY = env.production_secret("SECRET_KEY")
    _keys = env.production_secret("FIELD_ENCRYPTION_KEYS")

# The first key encrypts, all decrypt; `manage.py rotate_keys` re-encrypts with the first.
FIELD_ENCRYPTION_KEYS = [key.strip() for key in _keys.split(",") if key.strip()]

PORT = int(env.number("PORT", 8000))
SANDBOX_PORT = int(env.number("SANDBOX_PORT", 8090))
# The demo's Odoo, see crm/standin.
ODOO_PORT = int(env.number("ODOO_PORT", SANDBOX_PORT + 1))
# Where people reach this installation: links in notices, OAuth callbacks, short links.
PUBLIC_URL = env.text("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
PUBLIC_MEDIA_URL = env.text("PUBLIC_MEDIA_URL", PUBLIC_URL).rstrip("/")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if EMBEDDED else "")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", PUBLIC_URL if not EMBEDDED else "")
# Hosts that may be private addresses, for instance a Mastodon server in the same building.
SOCIALHUB_ALLOWED_PRIVATE_HOSTS = [
    host.lower().strip("[]") for host in env.words("SOCIALHUB_ALLOWED_PRIVATE_HOSTS")
]
# The sandbox network belongs to the installation and runs beside it on loopback.
SANDBOX_URL = env.text("SANDBOX_URL", f"http://127.0.0.1:{SANDBOX_PORT}" if EMBEDDED else "")
if SANDBOX_URL and "127.0.0.1" not in SOCIALHUB_ALLOWED_PRIVATE_HOSTS and EMBEDDED:
    SOCIALHUB_ALLOWED_PRIVATE_HOSTS.append("127.0.0.1")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the default one would put its own site in place of ours
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "socialhub.apps.SocialHubAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "template_partials",
    "import_export",
    "simple_history",
    "axes",
    "csp",
    "socialhub.apps.SocialHubConfig",
    "analytics.apps.AnalyticsConfig",
    "crm.apps.CrmConfig",
    "experiments.apps.ExperimentsConfig",
    "threads.apps.ThreadsConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "socialhub.middleware.PageMessages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "socialhub.middleware.ContentSecurityPolicy",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "socialhub.middleware.PreferencesMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "socialhub.urls"
WSGI_APPLICATION = "socialhub.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# -- database --------------------------------------------------------------------
if EMBEDDED:
    _path = DATABASE_URL.removeprefix("sqlite:///") or str(VAR_DIR / "socialhub.sqlite3")
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": _path,
            # Opening the file and reading its schema takes several times as long as a request.
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                # Writers queue instead of failing; measured: no "database is locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                    "PRAGMA journal_size_limit=27103364;PRAGMA cache_size=2000"
                ),
            },
        }
    }
else:
    DATABASES = {"default": environ.Env.db_url_config(DATABASE_URL, engine="socialhub.postgres")}
    DATABASES["default"].update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    _options = DATABASES["default"].setdefault("OPTIONS", {})
    # For the reads of `socialhub/prepared.py`; no other statement is prepared.
    _options.setdefault("prepare_threshold", 2)
    # On solid-state disks a page here and there costs about as much as pages in a row. With
    # PostgreSQL's 4 it reads whole tables in place of a year by index. What was prepared is kept
    # as it is; PostgreSQL would plan the first five anew.
    _options.setdefault("options", "-c random_page_cost=1.1 -c plan_cache_mode=force_generic_plan")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_URL:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "django_cache",
        }
    }
# In this process only: answers whose key says which version of the data they show.
CACHES["local"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "answers",
    "TIMEOUT": 3_600,
    "OPTIONS": {"MAX_ENTRIES": 500},
}

# -- celery ----------------------------------------------------------------------
# The database is the queue of record; the broker is only a doorbell.
QUEUE_DIR = VAR_DIR / "queue"
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
if REDIS_URL:
    # kombu's defaults restore a lost message after 100 s at best.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        # Several installations may share one Redis.
        "global_keyprefix": env.text("REDIS_KEY_PREFIX", "socialhub:"),
    }
else:
    CELERY_BROKER_TRANSPORT = "socialhub.broker:Transport"
    for _name in ("messages", "processed", "control"):
        (QUEUE_DIR / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        # A real rename on the same file system; pruned by socialhub.tidy.
        "store_processed": True,
        "processed_folder": str(QUEUE_DIR / "processed"),
        "control_folder": str(QUEUE_DIR / "control"),
        "polling_interval": 0.1,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 180
CELERY_TASK_DEFAULT_QUEUE = "sync"
CELERY_TASK_ROUTES = {
    "socialhub.publish_publication": {"queue": "publish"},
    "socialhub.publish_due": {"queue": "publish"},
    "socialhub.heartbeat_publish": {"queue": "publish"},
    "*.render_*": {"queue": "render"},
}
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
# readyz reads last_run_at: write it after every run.
CELERY_BEAT_SYNC_EVERY = 1
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
DJANGO_CELERY_BEAT_TZ_AWARE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True

# -- publishing limits, in seconds (docs/settings.md) --------------------------------
# Call deadline < task limit < reap, so that a row is never taken from a living worker.
PUBLISH_SEND_WINDOW = env.number("PUBLISH_SEND_WINDOW", 30)
PUBLISH_REAP_AFTER = env.number("PUBLISH_REAP_AFTER", 600)
PUBLISH_LOOK_INTERVAL = env.number("PUBLISH_LOOK_INTERVAL", 120)
PUBLISH_GIVE_UP_AFTER = env.number("PUBLISH_GIVE_UP_AFTER", 86_400)
PUBLISH_RING_AGAIN = env.number("PUBLISH_RING_AGAIN", 60)
PUBLISH_BACKOFF_FIRST = env.number("PUBLISH_BACKOFF_FIRST", 15)
if PUBLISH_REAP_AFTER <= PUBLISH_SEND_WINDOW:
    raise ImproperlyConfigured("PUBLISH_REAP_AFTER must be longer than PUBLISH_SEND_WINDOW.")

# -- people ----------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# -- language and time -------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- files ----------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
# Uploads are served by a view that checks who asks, never as plain files.
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Hashed names need `collectstatic`, which an embedded installation does without.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = EMBEDDED
DATA_UPLOAD_MAX_MEMORY_SIZE = 12_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
MEDIA_MAX_BYTES = 25_000_000

# -- mail -----------------------------------------------------------------------
_mail = environ.Env.email_url_config(env.text("EMAIL_URL")) if env.text("EMAIL_URL") else {}
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_mail.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_mail.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "SocialHub <socialhub@localhost>")

# -- networks ---------------------------------------------------------------------
# Where each network's API is: its own address, or another server that speaks the same.
X_API_BASE = env.text("X_API_BASE", "https://api.x.com").rstrip("/")
FACEBOOK_API_BASE = env.text("FACEBOOK_API_BASE", "https://graph.facebook.com").rstrip("/")
INSTAGRAM_API_BASE = env.text("INSTAGRAM_API_BASE", "https://graph.instagram.com").rstrip("/")
META_THREADS_API_BASE = env.text("META_THREADS_API_BASE", "https://graph.threads.net").rstrip("/")
LINKEDIN_API_BASE = env.text("LINKEDIN_API_BASE", "https://api.linkedin.com").rstrip("/")
TELEGRAM_API_BASE = env.text("TELEGRAM_API_BASE", "https://api.telegram.org").rstrip("/")
# Versions end about two years (Meta) or one year (LinkedIn) after they came out.
FACEBOOK_API_VERSION = env.text("FACEBOOK_API_VERSION", "v26.0")
INSTAGRAM_API_VERSION = env.text("INSTAGRAM_API_VERSION", "v26.0")
META_THREADS_API_VERSION = env.text("META_THREADS_API_VERSION", "v1.0")
LINKEDIN_API_VERSION = env.text("LINKEDIN_API_VERSION", "202610")
# Developer apps, for installations without a person at the admin: {network: (id, secret)}. What
# is entered in the admin counts first.
NETWORK_APPS = {
    name.lower(): (env.text(f"{name}_CLIENT_ID"), env.text(f"{name}_CLIENT_SECRET"))
    for name in ("X", "FACEBOOK", "INSTAGRAM", "META_THREADS", "LINKEDIN")
}

# -- reports ----------------------------------------------------------------------
# "" = the first Chromium on the path, else reports are printed without one.
CHROMIUM_PATH = env.text("CHROMIUM_PATH")
# What draws pictures: auto (Chromium where it is found, else the built-in one), takumi, chromium.
RENDERER = env.text("RENDERER", "auto")

# -- texts by AI: any OpenAI-compatible endpoint; without a key texts are made without AI ------
AI_BASE_URL = env.text("AI_BASE_URL", "https://api.openai.com/v1").rstrip("/")
AI_API_KEY = env.text("AI_API_KEY").strip()
AI_MODEL = env.text("AI_MODEL", "gpt-4o-mini")
# Per million tokens, as on the provider's price list; None = unknown, no cost is shown.
AI_PRICE_INPUT = env.amount("AI_PRICE_INPUT")
AI_PRICE_OUTPUT = env.amount("AI_PRICE_OUTPUT")
AI_PRICE_CURRENCY = env.text("AI_PRICE_CURRENCY", "USD")
# For one text, with everything asked again.
AI_SECONDS = env.number("AI_SECONDS", 120)

# -- security --------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
if not EMBEDDED:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", _https)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = int(env.number("SECURE_HSTS_SECONDS", 31_536_000 if _https else 0))
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
# The admin's Alpine.js evaluates expressions; nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, UNSAFE_EVAL, NONCE],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# -- API ------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "socialhub.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "socialhub.api.negotiation.Negotiation",
    "DEFAULT_PERMISSION_CLASSES": ["socialhub.api.permissions.RolePermission"],
    "DEFAULT_PAGINATION_CLASS": "socialhub.api.pagination.Pages",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "rest_framework.filters.SearchFilter",
        "rest_framework.filters.OrderingFilter",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "socialhub.api.errors.handle",
    "DEFAULT_THROTTLE_CLASSES": [
        "socialhub.api.throttling.UserThrottle",
        "socialhub.api.throttling.AnonThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.text("API_RATE_USER", "1200/min"),
        "anon": env.text("API_RATE_ANON", "60/min"),
        "login": env.text("API_RATE_LOGIN", "20/min"),
    },
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    # `?format=` is a parameter of exports and downloads.
    "URL_FORMAT_OVERRIDE": None,
}
REST_KNOX = {
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": None,
    "TOKEN_MODEL": "socialhub.ApiToken",
}
KNOX_TOKEN_MODEL = "socialhub.ApiToken"
# Knox would create its own token table too; nothing would ever empty it.
MIGRATION_MODULES = {"knox": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "SocialHub API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "AccountStatus": "socialhub.models.AccountStatus",
        "PostStatus": "socialhub.models.PostStatus",
        "PublicationStatus": "socialhub.models.PublicationStatus",
        "JobState": "socialhub.models.JobState",
        "ImportState": "socialhub.models.ImportState",
        "DeliveryState": "socialhub.models.DeliveryState",
        "LeadState": "crm.models.LeadState",
        "LeadOutcome": "crm.models.Outcome",
        "SyncRunState": "crm.models.RunState",
        "SyncKind": "crm.models.SyncKind",
        "SyncLogOutcome": "crm.models.LogOutcome",
        "InteractionKind": "socialhub.models.InteractionKind",
        "ABTestState": "experiments.models.ABTestState",
        "ABTestOutcome": "experiments.models.Outcome",
        "ABTestMetricKind": "experiments.models.MetricKind",
        "SeriesState": "threads.models.SeriesState",
        "SeriesStatus": "threads.models.SeriesStatus",
        "SeriesSource": "threads.api.serializers.series.SOURCES",
        "SeriesNumbering": "threads.models.Numbering",
        "LeadSource": "crm.models.leads.LeadSource",
        "BatchState": "threads.models.BatchState",
        "AIOutcome": "socialhub.models.AIOutcome",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "socialhub.api.schema.add_errors",
    ],
}

# -- history and import --------------------------------------------------------------
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
IMPORT_EXPORT_USE_TRANSACTIONS = True
# A post that begins with "=" must not run as a formula on somebody's desk.
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# -- logs -----------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "socialhub.logs.JsonFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "stream": sys.stderr, "formatter": "json"}
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        "celery": {"level": env.text("CELERY_LOG_LEVEL", "WARNING")},
        "kombu": {"level": "WARNING"},
        # The AI's SDK tells every address it asks.
        "httpx2": {"level": "WARNING"},
    },
}

from socialhub.settings_unfold import UNFOLD  # noqa: E402, F401
