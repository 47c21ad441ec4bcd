"""Recycling: which posts go out again, when, and how they did.

numpy comes with `rating`, which is imported late: web requests of other pages need none of it.
"""
