"""A pretend social network on this machine: `python -m socialhub.sandbox --port 8090 --data DIR`.

Standard library only, a process and a file of its own. `network.py` is what a client sees,
`control.py` what an experimenter can do to it, `page.py` what a person looks at.
"""
