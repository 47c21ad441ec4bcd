"""Addresses outside the admin and the API: files, short links, signs of life, OAuth."""

from __future__ import annotations

from django.urls import path, re_path

from socialhub.views import callback, health, links, media

urlpatterns = [
    re_path(r"^healthz/?$", health.healthz, name="healthz"),
    re_path(r"^readyz/?$", health.readyz, name="readyz"),
    path("media/<int:pk>/", media.media_file, name="media-file"),
    # Short, so without the final slash; with one it works too.
    re_path(r"^l/(?P<slug>[A-Za-z0-9_-]{1,40})/?$", links.follow, name="follow-link"),
    path("accounts/callback/<slug:platform>/", callback.oauth_callback, name="oauth-callback"),
]
