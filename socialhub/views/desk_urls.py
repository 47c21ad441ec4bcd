"""Addresses of the desk's own pages under /admin/: (route, view, name)."""

from __future__ import annotations

from socialhub.views import calendar, firststeps, inbox, notices, preferences, system, today

PAGES = [
    ("today/body/", today.body, "today-body"),
    ("today/pulse/", today.pulse, "today-pulse"),
    ("today/<str:verb>/<int:pk>/", today.act, "today-act"),
    ("demo/remove/", firststeps.remove_demo, "remove-demo"),
    ("calendar/", calendar.show, "calendar"),
    ("calendar/move/", calendar.move, "calendar-move"),
    ("inbox/", inbox.show, "inbox"),
    ("inbox/<int:pk>/", inbox.thread, "inbox-thread"),
    ("inbox/<int:pk>/answers/", inbox.answers, "inbox-answers"),
    ("inbox/<int:pk>/count/", inbox.count, "inbox-count"),
    ("inbox/<int:pk>/reply/", inbox.reply, "inbox-reply"),
    ("inbox/<int:pk>/answering/", inbox.answering, "inbox-answering"),
    ("inbox/<int:pk>/archive/", inbox.archive, "inbox-archive"),
    ("inbox/<int:pk>/assign/", inbox.assign, "inbox-assign"),
    ("first-steps/", firststeps.show, "first-steps"),
    ("first-steps/mail/", firststeps.test_mail, "first-steps-mail"),
    ("first-steps/mail/<uuid:pk>/", firststeps.mail_job, "first-steps-mail-job"),
    ("first-steps/done/", firststeps.done, "first-steps-done"),
    ("system/", system.show, "system"),
    ("system/parts/", system.parts, "system-parts"),
    ("preferences/", preferences.show, "preferences"),
    ("preferences/channels/add/", preferences.add_channel, "channel-add"),
    ("preferences/channels/<int:pk>/test/", preferences.test_channel, "channel-test"),
    ("preferences/channels/<int:pk>/switch/", preferences.switch_channel, "channel-switch"),
    ("preferences/channels/<int:pk>/delete/", preferences.delete_channel, "channel-delete"),
    ("notices/list/", notices.listing, "notices-list"),
    ("notices/<int:pk>/acknowledge/", notices.acknowledge, "notice-acknowledge"),
]
