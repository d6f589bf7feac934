"""A parser that meets outside bytes, and what must hold of it for any of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.fuzz.mutation import CANARY

MAX_SECONDS = 2.0
"""Of one input, in this thread's own time. The slowest input found takes a tenth of it."""


class Broke(AssertionError):
    """The parser did what none may do; the text says what, and repeats nothing of the input."""


@dataclass(frozen=True)
class Target:
    """`play` gives a word for what came of the input, or raises one of `refusals`; anything else is a fault.

    `told_apart`: whether a refusal's text goes further than to the person who wrote the input, and so must not
    repeat it.
    """

    name: str
    inputs: st.SearchStrategy[bytes]
    play: Callable[[bytes], str]
    refusals: tuple[type[Exception], ...]
    told_apart: bool = True
    max_seconds: float = MAX_SECONDS

    def run(self, data: bytes) -> str:
        """A word for what came of it, of a small vocabulary; `Broke` or the parser's own exception otherwise."""
        started = time.thread_time()
        try:
            outcome = self.play(data)
        except self.refusals as refusal:
            if self.told_apart and CANARY in f"{refusal} {refusal.args}".lower():
                raise Broke(f"{type(refusal).__name__} repeats what stood in the input") from None
            outcome = f"{type(refusal).__name__} {getattr(refusal, 'reason', '')}".strip()
        spent = time.thread_time() - started
        if spent > self.max_seconds:
            raise Broke(f"took {spent:.1f} s for {len(data)} bytes")
        return outcome
