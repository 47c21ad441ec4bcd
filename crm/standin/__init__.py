"""A stand-in Odoo on this machine: `python -m crm.standin --port 8069 --data DIR --version 18`.

A small server that behaves like Odoo 16 to 19 where a CRM connector meets it, traps included
(docs/odoo-api.md), for the demo and the tests. A process and a file of its own; no Django.
`rpc.py` and `json2.py` are what a client sees, `control.py` what an experimenter can do to it,
`pages.py` what a person looks at.
"""
