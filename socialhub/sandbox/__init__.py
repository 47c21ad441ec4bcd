"""A pretend social network on this machine: `python -m socialhub.sandbox --port 8090 --data DIR`.

Standard library only, a process and a file of its own; see docs/sandbox.md.
"""
