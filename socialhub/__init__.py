"""SocialHub: write, approve, publish, measure."""

import os

# Before numpy is loaded: threads that wait for each other on busy cores make small matrices slow.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
