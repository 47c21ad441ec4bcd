"""A server that speaks the Mastodon client API, for tests.

Written from the documentation (https://docs.joinmastodon.org/) and the published server source,
not recorded from a running Mastodon. It runs as a process of its own, keeps everything in
memory, and needs neither Django nor anything of the adapter it tests. Sockets and faults are
those of the sandbox network. `/control/` is what a test uses to read the truth and to make
trouble.
"""
