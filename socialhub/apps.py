"""App configuration of the core."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class SocialHubConfig(AppConfig):
    name = "socialhub"
    verbose_name = _("SocialHub")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from socialhub import celery, receivers, schedules  # noqa: F401
        from socialhub.services import data_sources

        data_sources.register()


class SocialHubAdminConfig(AdminConfig):
    """Django's admin with our landing page and extra pages."""

    default_site = "socialhub.admin.site.SocialHubAdminSite"

    def ready(self) -> None:
        super().ready()
        # Not by autodiscovery: the site's own module lies in the package that would register.
        from socialhub.admin import registered  # noqa: F401
