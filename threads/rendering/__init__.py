"""HTML to PNG: one interface, two renderers. No Django, no rows."""

from threads.rendering.checking import problems
from threads.rendering.choosing import close_all, renderer
from threads.rendering.filling import Brand, Filled, NotFilled, fill
from threads.rendering.pages import (
    Limits,
    Overflow,
    Page,
    Picture,
    Renderer,
    RenderFailed,
)
from threads.rendering.templates import FIELD_TYPES, TemplateProblem

__all__ = [
    "FIELD_TYPES",
    "Brand",
    "Filled",
    "Limits",
    "NotFilled",
    "Overflow",
    "Page",
    "Picture",
    "RenderFailed",
    "Renderer",
    "TemplateProblem",
    "close_all",
    "fill",
    "problems",
    "renderer",
]
