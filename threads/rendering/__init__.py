"""HTML to PNG: one interface, two renderers. No Django, no rows."""
