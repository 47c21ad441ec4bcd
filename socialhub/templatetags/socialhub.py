"""`{% load socialhub %}`: status, network, number, ago; the looks are in socialhub/badges.py."""

from __future__ import annotations

from django import template

from socialhub import badges

register = template.Library()

register.simple_tag(badges.status, name="status")
register.simple_tag(badges.badge, name="badge")
register.simple_tag(badges.network, name="network")
register.simple_tag(badges.network_icon, name="network_icon")
register.simple_tag(badges.number, name="number")
register.simple_tag(badges.ago, name="ago")
register.simple_tag(badges.marks, name="marks")
register.filter("excerpt", badges.excerpt)
register.filter("look", badges.look)
register.filter("state_of", badges.state_of)
register.filter("is_pretend", badges.is_pretend)
