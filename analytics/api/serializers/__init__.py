"""Shapes by what they describe."""
