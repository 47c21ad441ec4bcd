"""The verbs of leads, products and services, and of the exchange with Odoo."""
