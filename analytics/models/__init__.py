"""Numbers: of publications and accounts, their sums, and reports made of them."""

from analytics.models.accounts import AccountMetrics, CollectionDay
from analytics.models.conversions import Conversion, ConversionKind
from analytics.models.counters import Counters
from analytics.models.reports import (
    AnalyticsReport,
    ReportDelivery,
    ReportRecipient,
    ReportType,
)
from analytics.models.rollups import (
    AccountDayRollup,
    ActivityDay,
    DataVersion,
    DayRollup,
    HourRollup,
)
from analytics.models.stats import PostMetrics, PublicationStats

__all__ = [
    "AccountDayRollup",
    "AccountMetrics",
    "ActivityDay",
    "AnalyticsReport",
    "CollectionDay",
    "Conversion",
    "ConversionKind",
    "Counters",
    "DataVersion",
    "DayRollup",
    "HourRollup",
    "PostMetrics",
    "PublicationStats",
    "ReportDelivery",
    "ReportRecipient",
    "ReportType",
]
