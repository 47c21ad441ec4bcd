"""App configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ThreadsConfig(AppConfig):
    name = "threads"
    verbose_name = _("Threads")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from socialhub import policies, registries
        from threads import navigation, receivers, roles  # noqa: F401
        from threads.queries import lists, owners, template_pictures
        from threads.services.pictures import jobs, making  # noqa: F401 - their jobs
        from threads.services.series import telling

        policies.PERMISSIONS.update(roles.VERBS)
        registries.register_post_owners(owners.series_of)
        registries.register_notices(telling.SOURCE_NAME, telling.SOURCE)
        registries.register_publication_marks(lists.marks)
        registries.register_needs(lists.needs)
        registries.register_shared_media(template_pictures.samples)
        navigation.register()
