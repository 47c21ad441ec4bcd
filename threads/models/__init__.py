"""Thread series and image templates; import from here."""

from threads.models.batches import BatchState, ImageBatch, ImageBatchRow, RowState
from threads.models.series import (
    MOST_PARTS,
    Mode,
    Numbering,
    SeriesState,
    SeriesStatus,
    ThreadAccount,
    ThreadPost,
    ThreadPostMedia,
    ThreadSeries,
)
from threads.models.templates import (
    ImageTemplate,
    ImageTemplateVersion,
    RenderedImage,
    RendererName,
)

__all__ = [
    "MOST_PARTS",
    "BatchState",
    "ImageBatch",
    "ImageBatchRow",
    "ImageTemplate",
    "ImageTemplateVersion",
    "Mode",
    "Numbering",
    "RenderedImage",
    "RendererName",
    "RowState",
    "SeriesState",
    "SeriesStatus",
    "ThreadAccount",
    "ThreadPost",
    "ThreadPostMedia",
    "ThreadSeries",
]
