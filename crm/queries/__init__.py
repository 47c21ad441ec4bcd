"""What the pages and the API read about leads, revenue and the exchange with Odoo."""
