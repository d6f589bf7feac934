"""One command under way at one helpdesk, and one action of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from agents.helpdesks.port import Answer, Requester, TicketRef
from agents.ticketing import gates
from agents.ticketing.ledger import Ledger, intent_key
from agents.ticketing.world import Desk, MustWait, World
from streams.contracts.escalation_commands import AnyCommand
from streams.contracts.escalation_ledger import AnyLedgerEntry, Intent, Outcome, PreparedRequest
from streams.errors import HandoffError

CROWDED_SECONDS = 5.0

C = TypeVar("C", bound=AnyCommand)


class NotShownYet(HandoffError):
    """What an action did does not show, and doing it again would change nothing: only time helps."""


def _resumed() -> PreparedRequest:
    raise AssertionError("an action that is resumed has its bytes in its INTENT")


@dataclass(frozen=True)
class Action:
    """What is to be done. `render` is called once, when no INTENT exists; its bytes are then what is sent, always.

    `ticket_id`: the ticket that gets a comment; None: the action creates one. `result` is what its OUTCOME says,
    `found_result` when a look-up found it done. `carries`: the event whose turn stands in the ticket it creates.
    `call` and `look_up` replace sending the request and finding what it did; `repeatable`: doing it twice does no
    more than doing it once, so that after an empty look-up it may be done again at once. `look_up` may raise
    `NotShownYet`.
    """

    name: str
    action_id: str
    result: str
    render: Callable[[], PreparedRequest] = _resumed
    ticket_id: str | None = None
    ticket_url: str | None = None
    requester: Requester | None = None
    degraded: bool = False
    found_result: str | None = None
    carries: str | None = None
    call: Callable[[PreparedRequest], Awaitable[Answer]] | None = None
    repeatable: bool = False
    look_up: Callable[[Intent], Awaitable[TicketRef | None]] | None = None


@dataclass
class Progress:
    """What has been done of a command so far; outlives an exception, so that the next attempt leaves it out.

    `said`: the kinds of notification on their topic. `attempt`: 1 for a command that was never parked. `crowded`: so
    many of its tenant are under way that it has to wait.
    """

    said: frozenset[str] = frozenset()
    attempt: int = 1
    ticket: Outcome | None = None
    crowded: bool = False

    def make_way(self) -> None:
        """Raise `MustWait` where the tenant's other commands come first."""
        if self.crowded:
            raise MustWait("crowded", asked_seconds=CROWDED_SECONDS, away=False)


@dataclass(frozen=True)
class Job(Generic[C]):
    """Everything that the steps of one command share. `spent`: INTENTs whose OUTCOME stands, still to be tombstoned."""

    world: World
    ledger: Ledger
    desk: Desk
    command: C
    spent: list[Intent] = field(default_factory=list)

    def check(self, action_id: str, *, creates: bool) -> None:
        """Mode, kill switch and cap as they are now; raises where they forbid the action."""
        check(self.world, self.ledger, self.command, action_id, creates=creates)

    async def write(self, key: str, entry: AnyLedgerEntry | None) -> None:
        """To the ledger, acknowledged, then into the one in memory. None is a tombstone."""
        await self.world.write_ledger(key, entry)
        self.ledger.apply(key, entry)

    async def clear(self) -> None:
        """Tombstone what is spent. Where a death comes first, `PartitionWorker.tidy` does."""
        while self.spent:
            await self.write(intent_key(self.spent.pop()), None)


def check(world: World, ledger: Ledger, command: AnyCommand, action_id: str, *, creates: bool) -> None:
    """See `Job.check`: for a command whose helpdesk is not known yet."""
    gates.check(
        command,
        world.tenant(command.tenant),
        ledger,
        world.now(),
        partitions=world.partitions,
        creates=creates,
        action_id=action_id,
    )
