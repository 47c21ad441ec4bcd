"""Signals in, tasks out, and what every migrate must leave in the database."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import AppConfig, apps
from django.db import transaction
from django.db.models.signals import post_migrate, post_save
from django.dispatch import receiver

from socialhub.models import Account


@receiver(post_migrate)
def fill_roles(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Give every role group the permissions its apps name. Repeatable; removes nothing else."""
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    if sender.name != "socialhub":
        return
    for config in apps.get_app_configs():
        roles = _optional(f"{config.name}.roles")
        if roles is None or not hasattr(roles, "PERMISSIONS"):
            continue
        for role, by_app in roles.PERMISSIONS.items():
            group, _created = Group.objects.using(using).get_or_create(name=role)
            for app_label, codenames in by_app.items():
                create_permissions(apps.get_app_config(app_label), verbosity=0, using=using)
                found = Permission.objects.using(using).filter(
                    content_type__app_label=app_label, codename__in=codenames
                )
                group.permissions.add(*found)


@receiver(post_migrate)
def fill_schedules(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Write the periodic jobs of every app into django-celery-beat's tables."""
    from socialhub.schedules import upsert

    if sender.name == "django_celery_beat" or sender.name == "socialhub":
        upsert(using)


@receiver(post_save, sender=Account)
def go_on_within_the_cap(sender: Any, instance: Account, created: bool, **kwargs: Any) -> None:
    """What a monthly cap had stopped is tried again when an account is saved."""
    from socialhub.services import spending

    if not created and spending.charges(instance):
        transaction.on_commit(lambda: spending.cap_changed(instance), robust=True)


def _optional(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as exc:
        if exc.name != name:
            raise
        return None
