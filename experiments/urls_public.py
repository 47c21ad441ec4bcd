"""Addresses outside the admin and the API: the pages of split tests, for strangers."""

from __future__ import annotations

from django.urls import re_path

from experiments.views import public_page

app_name = "experiments"
SLUG = r"(?P<slug>[A-Za-z0-9_-]{1,40})"

urlpatterns = [
    re_path(rf"^v/{SLUG}/$", public_page.page, name="page"),
    re_path(rf"^v/{SLUG}/go/$", public_page.go, name="page-go"),
    re_path(rf"^v/{SLUG}/m/(?P<pk>[0-9]{{1,18}})/$", public_page.picture, name="page-picture"),
]
