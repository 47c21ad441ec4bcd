"""Starter designs of image templates: files, ready to be copied into a template of one's own."""

from threads.gallery.loading import SIZES, Design, designs

__all__ = ["SIZES", "Design", "designs"]
