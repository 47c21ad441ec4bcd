"""What one person chose for themselves: language, quiet hours, where notices go."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from socialhub.models import JobState, NotificationChannel, Preferences
from socialhub.services import jobs, setup
from socialhub.views import desk

TEMPLATE = "socialhub/preferences.html"


class PreferencesForm(forms.ModelForm):
    class Meta:
        model = Preferences
        fields = ["language", "quiet_from", "quiet_to", "mail_notices"]
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_to": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("quiet_from") is None) != (cleaned.get("quiet_to") is None):
            message = _("Give both ends of the quiet hours, or none.")
            self.add_error("quiet_to", message)
        return cleaned


class ChannelForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=1000,
        # It holds tokens: not shown while typing, not kept by the browser, never shown again.
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "placeholder": "tgram://…"}),
    )

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        scheme, found, rest = url.partition("://")
        if not found or not scheme or not rest:
            raise forms.ValidationError(
                _("A channel's address looks like tgram://TOKEN/CHAT or slack://TOKEN.")
            )
        return url


@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    own = Preferences.objects.filter(user=request.user).first() or Preferences(user=request.user)
    form = PreferencesForm(request.POST if request.method == "POST" else None, instance=own)
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        response = redirect("admin:preferences")
        # The cookie of the language switch would win over what was chosen here.
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response
    return _page(request, form=form)


def _page(request: HttpRequest, form: Any = None, channel_form: Any = None) -> HttpResponse:
    own = Preferences.objects.filter(user=request.user).first()
    return desk.page(
        request,
        TEMPLATE,
        _("Preferences"),
        form=form or PreferencesForm(instance=own or Preferences(user=request.user)),
        channel_form=channel_form or ChannelForm(),
        channels=_channels(request.user),
    )


def _channels(user: Any) -> Any:
    # Without the address: it is not shown, so it need not be decrypted.
    return NotificationChannel.objects.filter(user=user).defer("url").order_by("name", "pk")


@require_POST
def add_channel(request: HttpRequest) -> HttpResponse:
    """A new channel stays off until a test message got through."""
    form = ChannelForm(request.POST)
    if not form.is_valid():
        return _page(request, channel_form=form)
    channel = NotificationChannel.objects.create(
        user=request.user,
        name=form.cleaned_data["name"],
        url=form.cleaned_data["url"],
        is_active=False,
    )
    return _tested(request, channel)


@require_POST
def test_channel(request: HttpRequest, pk: int) -> HttpResponse:
    return _tested(request, _own(request, pk))


def _tested(request: HttpRequest, channel: NotificationChannel) -> HttpResponse:
    job = jobs.wait(setup.start_test_channel(channel, request.user), 10)
    if job.state == JobState.DONE:
        messages.success(request, _("The test message went out; the channel is on."))
    elif job.state == JobState.FAILED:
        messages.error(request, " ".join(error["message"] for error in job.errors))
    else:
        messages.info(request, _("The test message is on its way; reload in a moment."))
    return redirect("admin:preferences")


@require_POST
def switch_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Off; a channel is switched on by a test message that got through."""
    channel = _own(request, pk)
    NotificationChannel.objects.filter(pk=channel.pk).update(is_active=False)
    return redirect("admin:preferences")


@require_POST
def delete_channel(request: HttpRequest, pk: int) -> HttpResponse:
    _own(request, pk).delete()
    messages.success(request, _("Removed."))
    return redirect("admin:preferences")


def _own(request: HttpRequest, pk: int) -> NotificationChannel:
    return get_object_or_404(NotificationChannel.objects.defer("url"), pk=pk, user=request.user)
