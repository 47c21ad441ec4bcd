"""A/B tests and recycling."""

from experiments.models.ab_tests import (
    ABTest,
    ABTestState,
    Design,
    Metric,
    MetricKind,
    Outcome,
    SplitBy,
)
from experiments.models.checks import LinkState, PostCheck
from experiments.models.looks import ABTestExposure, ABTestLook
from experiments.models.recycling import (
    PostRecycling,
    RecycledPost,
    RecyclingLearned,
    RecyclingRule,
    Wording,
)
from experiments.models.variants import ABTestPublication, ABTestVariant, ABTestVariantMedia

__all__ = [
    "ABTest",
    "ABTestExposure",
    "ABTestLook",
    "ABTestPublication",
    "ABTestState",
    "ABTestVariant",
    "ABTestVariantMedia",
    "Design",
    "LinkState",
    "Metric",
    "MetricKind",
    "Outcome",
    "PostCheck",
    "PostRecycling",
    "RecycledPost",
    "RecyclingLearned",
    "RecyclingRule",
    "SplitBy",
    "Wording",
]
