"""Leads, products and services, and the exchange with Odoo."""
