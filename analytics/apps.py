"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = _("Analytics")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from analytics import receivers, roles  # noqa: F401
        from analytics.queries import best_times, publications
        from analytics.services import data_sources, measuring
        from socialhub import policies, registries

        policies.PERMISSIONS.update(roles.VERBS)
        registries.offer(registries.PUBLICATION_METRICS, publications.latest_for)
        registries.offer(registries.MEASURE_PUBLICATION, measuring.start)
        registries.register_best_times(best_times.on_calendar)
        registries.register_panel("today", "admin:analytics-today")
        data_sources.register()
