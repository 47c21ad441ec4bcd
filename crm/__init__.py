"""Lead management and Odoo. Filled in a later phase."""
