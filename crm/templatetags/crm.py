"""`{% load crm %}`: how leads, runs and amounts look; see crm/views/looks.py."""

from __future__ import annotations

from django import template

from crm.views import looks

register = template.Library()

for function in (
    looks.lead_state,
    looks.lead_outcome,
    looks.connection_state,
    looks.run_state,
    looks.log_outcome,
    looks.check_state,
    looks.money,
    looks.worth_shown,
    looks.origin,
    looks.who,
    looks.timespan,
):
    register.simple_tag(function, name=function.__name__)
