"""Views by what they answer with."""
