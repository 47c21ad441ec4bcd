"""Every address of the installation."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/analytics/", include("analytics.api.urls")),
    path("api/", include("socialhub.api.urls")),
    path("api/", include("crm.api.urls")),
    path("api/", include("experiments.api.urls")),
    path("api/", include("threads.api.urls")),
    path("analytics/", include("analytics.urls")),
    path("", include("crm.urls")),
    path("", include("experiments.urls_public")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("socialhub.urls_public")),
]

handler400 = "socialhub.api.errors.bad_request"
handler404 = "socialhub.api.errors.page_not_found"
handler500 = "socialhub.api.errors.server_error"
