"""Pages and files outside the admin."""
