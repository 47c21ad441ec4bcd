"""What each role may do in the core. Filled into groups after every migrate."""

from __future__ import annotations

ROLES = ("Administrator", "Marketer", "Approver", "Analyst")

_SEEN = [
    "post",
    "publication",
    "publicationattempt",
    "account",
    "campaign",
    "mediaasset",
    "interaction",
    "trackedlink",
    "postingslot",
    "notice",
]
_VIEW = [f"view_{name}" for name in _SEEN]
_MARKETING = [
    "add_post",
    "change_post",
    "delete_post",
    "submit_post",
    "schedule_post",
    "change_publication",
    "answer_interaction",
    "change_interaction",
    *[f"{verb}_campaign" for verb in ("add", "change", "delete")],
    *[f"{verb}_mediaasset" for verb in ("add", "change", "delete")],
    *[f"{verb}_trackedlink" for verb in ("add", "change")],
    *[f"{verb}_postingslot" for verb in ("add", "change", "delete")],
    "use_ai",
]
_ADMINISTRATION = [
    "approve_post",
    "connect_account",
    "change_account",
    "view_organisation",
    "change_organisation",
    "view_jobrun",
    "view_aicall",
    *[
        f"{verb}_{name}"
        for name in ("accountgrant", "apitoken", "webhookendpoint", "notificationchannel")
        for verb in ("view", "add", "change", "delete")
    ],
    "view_webhookdelivery",
    "view_noticedelivery",
]

# role → permission codenames of the app "socialhub"; other apps bring a dict of the same form.
PERMISSIONS: dict[str, dict[str, list[str]]] = {
    "Administrator": {
        "socialhub": [*_VIEW, *_MARKETING, *_ADMINISTRATION],
        "auth": [
            f"{verb}_{name}" for name in ("user", "group") for verb in ("view", "add", "change")
        ],
        "django_celery_beat": [
            f"{verb}_{name}"
            for name in ("periodictask", "crontabschedule", "intervalschedule")
            for verb in ("view", "change")
        ],
    },
    "Marketer": {"socialhub": [*_VIEW, *_MARKETING]},
    "Approver": {"socialhub": [*_VIEW, "approve_post"]},
    "Analyst": {"socialhub": [*_VIEW]},
}
