"""Addresses outside the admin and the API: forms for strangers."""

from __future__ import annotations

from django.urls import re_path

from crm.views import forms

app_name = "crm"

urlpatterns = [
    re_path(r"^lead-forms/(?P<key>[A-Za-z0-9_-]{1,40})\.js$", forms.script, name="form-script"),
    re_path(r"^lead-forms/(?P<key>[A-Za-z0-9_-]{1,40})/$", forms.page, name="form-page"),
]
