"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    name = "crm"
    verbose_name = _("CRM")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from analytics import report_sections
        from crm import navigation, receivers, report_section, roles  # noqa: F401
        from crm.queries import needs
        from crm.services import (  # noqa: F401 - its job
            catalogue,
            connections,
            data_sources,
            forms,
            notices,
        )
        from socialhub import policies, registries

        policies.PERMISSIONS.update(roles.VERBS)
        registries.register_notices("crm", notices.SOURCE)
        registries.register_needs(needs.needs)
        report_sections.register(report_section.KEY, report_section.section)
        # For the composer's "insert product": (user, search, limit) → items.
        registries.offer("catalogue", catalogue.insertable)
        registries.register_link_marks(forms.marks)
        registries.register_shared_media(catalogue.shared_pictures)
        registries.offer(registries.PICTURE_NAME, catalogue.name_of_picture)
        data_sources.register()
        navigation.register()
