"""The whole way with real beat, worker and web server."""
