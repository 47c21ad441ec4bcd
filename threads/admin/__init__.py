"""Admin of this app: one module per neighbourhood."""
