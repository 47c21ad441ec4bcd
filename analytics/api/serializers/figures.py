"""How figures are described in the OpenAPI document. Null = not reported, or not known.

They describe and do not convert: `analytics/api/figures.py` makes the answers, and a test compares
the names.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from analytics.queries.dashboard import SERIES
from analytics.queries.publications import FIGURES
from analytics.rollup_specs import MEASURED

Fields = dict[str, serializers.Field]


def count(help_text: str = "", *, null: bool = False) -> serializers.IntegerField:
    return serializers.IntegerField(allow_null=null, help_text=help_text)


def counters(*names: str, prefix: str = "") -> Fields:
    return {f"{prefix}{name}": count(null=True) for name in names}


def rate(help_text: str = "") -> serializers.FloatField:
    return serializers.FloatField(allow_null=True, help_text=help_text)


def moment(help_text: str = "") -> serializers.DateTimeField:
    return serializers.DateTimeField(allow_null=True, help_text=help_text)


def shape(name: str, fields: Fields, base: type = serializers.Serializer) -> Any:
    """A serializer class; "from" is a name that no class body can have."""
    return type(f"{name}Serializer", (base,), dict(fields))


AVERAGE = "100 × Σ engagements ÷ Σ impressions over publications that report both."
PERIOD: Fields = {"from": serializers.DateField(), "to": serializers.DateField()}
FRAME: Fields = {
    **PERIOD,
    "timezone": serializers.CharField(help_text="The zone of the days."),
    "measured_at": moment("When a network last answered for this selection."),
    "data_version": count("Moves with every change of a figure."),
    "is_rebuilding": serializers.BooleanField(
        help_text="The zone was changed and the days are still those of the old one."
    ),
}
LIST: Fields = {
    "count": count(),
    "next": serializers.URLField(allow_null=True),
    "previous": serializers.URLField(allow_null=True),
}

PeriodSerializer = shape("Period", PERIOD)
SumsSerializer = shape(
    "Sums",
    {
        "posts": count("A post on two networks is one post and two publications."),
        "publications": count(),
        **counters(*MEASURED),
        "avg_engagement_rate": rate(AVERAGE),
    },
)
CellSerializer = shape(
    "HeatmapCell",
    {
        "weekday": count("0 = Monday, local."),
        "hour": count(),
        "publications": count(),
        **counters("engagements", "impressions"),
        "rate": rate(AVERAGE),
    },
)
DefinitionSerializer = shape(
    "Definition", {"label": serializers.CharField(), "explanation": serializers.CharField()}
)
DashboardSerializer = shape(
    "Dashboard",
    {
        "period_days": count(),
        **FRAME,
        "total_posts": count(),
        "total_publications": count(),
        **counters(*MEASURED, prefix="total_"),
        "avg_engagement_rate": rate(AVERAGE),
        "platform_breakdown": serializers.DictField(child=SumsSerializer()),
        "content_breakdown": serializers.DictField(child=SumsSerializer()),
        "pending_interactions": count("Comments neither answered nor archived, of any time."),
        "happened": shape("Happened", counters(*MEASURED))(
            help_text="What happened in the period, to posts of any age."
        ),
        "changes": serializers.DictField(
            child=rate(),
            help_text="Percent against the period before, of what happened in each. "
            "Null = not enough data.",
        ),
        "compared_with": PeriodSerializer(),
        "heatmap": CellSerializer(many=True),
        "definitions": serializers.DictField(child=DefinitionSerializer()),
    },
)
DaySerializer = shape(
    "Day",
    {
        "date": serializers.DateField(),
        "publications": serializers.IntegerField(required=False),
        **{name: serializers.IntegerField(allow_null=True) for name in SERIES},
        **{
            name: serializers.IntegerField(
                allow_null=True, required=False, help_text="With kind=happened."
            )
            for name in MEASURED
            if name not in SERIES
        },
        "avg_engagement_rate": serializers.FloatField(
            allow_null=True, required=False, help_text="With kind=published."
        ),
    },
)
TimeseriesSerializer = shape(
    "Timeseries",
    {
        "kind": serializers.CharField(
            help_text="published: lifetime numbers of what was published that day. "
            "happened: what happened that day, to posts of any age."
        ),
        **FRAME,
        "note": serializers.CharField(help_text="Why nothing is known, if so."),
        "days": DaySerializer(many=True),
    },
)
TopPostSerializer = shape(
    "TopPost",
    {
        "id": count("The post."),
        "publication": count(),
        "account": count(),
        "handle": serializers.CharField(),
        "platform": serializers.CharField(help_text="Where these numbers are from."),
        "platforms": serializers.ListField(
            child=serializers.CharField(), help_text="Everywhere the post was published."
        ),
        "content": serializers.CharField(),
        "content_type": serializers.CharField(),
        "published_at": serializers.DateTimeField(),
        **counters(*(name for name in FIGURES if name != "engagement_rate")),
        "engagement_rate": rate(),
        "not_measured": serializers.ChoiceField(
            choices=["monthly_cap"],
            allow_null=True,
            help_text="monthly_cap: the last reading was left out, the month's money is used up.",
        ),
        "permalink": serializers.CharField(),
        "media": count("The first picture.", null=True),
    },
)
TopPostsSerializer = shape(
    "TopPosts",
    {
        **LIST,
        "by": serializers.CharField(),
        "worst": serializers.BooleanField(),
        "minimum": count("The least impressions a publication needs to be listed."),
        **FRAME,
        "results": TopPostSerializer(many=True),
    },
)
AccountFiguresSerializer = shape(
    "AccountFigures",
    {
        "id": count(),
        "handle": serializers.CharField(),
        "platform": serializers.CharField(),
        "status": serializers.CharField(),
        "publications": count(),
        **counters(*MEASURED),
        "avg_engagement_rate": rate(AVERAGE),
        "followers": count("The last known number of the period.", null=True),
        "followers_before": count("The last known number before it.", null=True),
        "followers_before_day": serializers.DateField(allow_null=True),
        "followers_change": count(null=True),
        "followers_measured_at": moment(),
        "measured_at": moment("When the network last answered about publications."),
    },
)
AccountsSerializer = shape(
    "AccountsFigures", {**LIST, **FRAME, "results": AccountFiguresSerializer(many=True)}
)
BestHourSerializer = shape(
    "BestHour",
    {
        "day": count("0 = Monday."),
        "day_name": serializers.CharField(),
        "hour": count(),
        "hour_formatted": serializers.CharField(),
        "avg_engagement_rate": rate("What a typical post of this hour earns, in percent."),
        "engagements_per_post": rate("Instead of it, where impressions are not reported."),
        "low": rate("90 % interval of the figure."),
        "high": rate(),
        "p_top5": serializers.FloatField(help_text="Chance to be truly among the best five, 0–1."),
        "sample_size": count("Posts seen in this hour."),
        "badge": serializers.CharField(help_text="strong, likely or guess."),
        "level": serializers.CharField(
            help_text="Who answered: account (its own posts), small (a handful of them), "
            "pattern (what is usual) or none."
        ),
        "lift": rate("Percent above what these posts usually earn."),
    },
)
OptimalTimesSerializer = shape(
    "OptimalTimes",
    {
        **LIST,
        **FRAME,
        "timezone": serializers.CharField(help_text="The zone of the hours."),
        "unit": serializers.CharField(
            help_text="rate, or engagements where most posts report no impressions."
        ),
        "posts": count("How many posts this rests on."),
        "explanation": serializers.CharField(),
        "results": BestHourSerializer(many=True),
    },
)
