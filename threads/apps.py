"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThreadsConfig(AppConfig):
    name = "threads"
    verbose_name = _("Threads")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from socialhub import policies
        from threads import navigation, receivers, roles  # noqa: F401

        policies.PERMISSIONS.update(roles.VERBS)
        navigation.register()
