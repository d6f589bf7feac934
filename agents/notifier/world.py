"""Everything outside, as the steps of one notification see it. `agents.notifier.reach` is the real one."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from agents.notifier.channels import Telling
from agents.notifier.plan import Words
from streams.contracts.notification_ledger import Step, StepIntent, StepOutcome

START_WITHIN = timedelta(seconds=2)
"""An attempt that would start later than this after its INTENT (its process was stopped) does not start."""

MAX_CLOCK_DIFFERENCE = timedelta(seconds=2)
"""Between two machines that own a partition one after the other."""

CanLook = Literal["yes", "no", "repeats_safely"]


@dataclass(frozen=True)
class Again:
    """A step is not settled, and may be tried later. `in_doubt`: an attempt may have arrived."""

    step: Step
    reason: str
    retry_after_seconds: float | None = None
    in_doubt: bool = False


@dataclass(frozen=True)
class Holder:
    """Who has the conversation now, as the platform says."""

    human_holds: bool = False
    closed: bool = False


class World(Protocol):
    """Everything outside, for one notification. Calls raise NotSent, Ambiguous, CallFailed or Unsupported."""

    def now(self) -> datetime:
        """Wall-clock time."""
        ...

    async def outlast(self, intent: StepIntent) -> None:
        """Return once no attempt made under `intent`, by whatever process, can still be under way."""
        ...

    def admission(self, step: Step) -> AbstractAsyncContextManager[None]:
        """A place among the calls that may be under way at once; INTENT and call both happen inside.

        Entering raises `NotSent` while the other side is known to be away.
        """
        ...

    async def record(self, entry: StepIntent | StepOutcome) -> None:
        """Return once the ledger has `entry`, and the history follows it."""
        ...

    async def withdraw(self, intent: StepIntent) -> None:
        """Return once `intent` is tombstoned, and the history follows."""
        ...

    def can_look(self, step: Telling) -> CanLook:
        """Whether we can find out if our message is there already."""
        ...

    async def find(self, words: Words) -> bool:
        """Whether our message is there already."""
        ...

    async def tell(self, step: Telling, words: Words) -> None:
        """Send it."""
        ...

    async def quiet(self) -> None:
        """Stop the AI from answering; safe to repeat."""
        ...

    async def holder(self) -> Holder:
        """Who has the conversation right now."""
        ...

    async def close(self) -> None:
        """End or hand over the AI's session; safe to repeat."""
        ...

    def settled(self, outcome: StepOutcome) -> None:
        """A step got its OUTCOME just now: for whoever counts."""
        ...

    def unreached(self) -> None:
        """No channel worked: for whoever counts."""
        ...
