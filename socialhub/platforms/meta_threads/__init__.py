"""Meta's Threads: https://developers.facebook.com/docs/threads"""

from socialhub.platforms.meta_threads.adapter import MetaThreadsAdapter

__all__ = ["MetaThreadsAdapter"]
