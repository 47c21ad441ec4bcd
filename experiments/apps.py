"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExperimentsConfig(AppConfig):
    name = "experiments"
    verbose_name = _("Experiments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from experiments import receivers, roles  # noqa: F401
        from experiments.services import notices, splitting
        from experiments.services.ab_tests import telling
        from socialhub import policies, registries

        policies.PERMISSIONS.update(roles.VERBS)
        registries.register_notices(telling.SOURCE_NAME, telling.SOURCE)
        registries.register_notices("experiments", notices.SOURCE)
        registries.register_link_marks(splitting.marks)
        registries.register_link_lock(splitting.link_lock)
        registries.register_needed_visits(splitting.needed_visits)
