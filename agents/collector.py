"""Python's cycle collector, told what these processes are like: much of what they hold lives long and holds no cycles.

With the interpreter's own thresholds the collector walks over all that a worker remembers again and again: most of its
time went there in the profile, and the pauses grow with the number of live conversations.
"""

import gc

YOUNG, MIDDLE, OLD = 100_000, 50, 100
"""The first collection comes after a few thousand events, the whole heap's after 500 million net allocations."""


def calm_collector() -> None:
    """Set the thresholds of this process."""
    gc.set_threshold(YOUNG, MIDDLE, OLD)


def leave_alone_what_stands() -> None:
    """All that is alive now is not walked over again. Reference counts still free it when it goes."""
    gc.freeze()
