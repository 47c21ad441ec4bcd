"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ExperimentsConfig(AppConfig):
    name = "experiments"
    verbose_name = _("Experiments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from analytics import report_sections
        from experiments import (  # noqa: F401
            list_actions,
            navigation,
            receivers,
            report_section,
            roles,
        )
        from experiments.queries import marks, shared
        from experiments.services import notices, splitting
        from experiments.services.ab_tests import telling
        from socialhub import policies, registries

        policies.PERMISSIONS.update(roles.VERBS)
        report_sections.register(report_section.KEY, report_section.section)
        registries.register_notices(telling.SOURCE_NAME, telling.SOURCE)
        registries.register_notices("experiments", notices.SOURCE)
        registries.register_link_marks(splitting.marks)
        registries.register_link_lock(splitting.link_lock)
        registries.register_needed_visits(splitting.needed_visits)
        registries.register_publication_marks(marks.ab_tests)
        registries.register_publication_marks(marks.repetitions)
        registries.register_panel("post", "admin:experiments-recycling-panel")
        registries.register_shared_media(shared.variant_pictures)
        list_actions.register()
        navigation.register()
