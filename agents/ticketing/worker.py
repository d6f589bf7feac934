"""The commands of one partition: carried out, parked, or buried; their conversations' order kept.

Shared by the live handlers and the simulation. A call that returns means that the record's offset may move;
`InvalidRecord` means that the record has to become a dead letter, acknowledged, before `buried` and its offset.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

from agents.ticketing import notices
from agents.ticketing.appending import append
from agents.ticketing.gates import ERASED
from agents.ticketing.job import Progress
from agents.ticketing.ledger import Ledger, intent_key, outcome_key
from agents.ticketing.opening import open_ticket
from agents.ticketing.parked import BEHIND, ParkedBook, Waiting, read, retry_at
from agents.ticketing.world import LEAVING, MustSkip, MustWait, World
from streams import ids
from streams.codec import decode
from streams.contracts.escalation_commands import COMMAND, AnyCommand, OpenTicket
from streams.errors import InvalidRecord
from streams.kafka.record import Record

GIVE_UP_AFTER = timedelta(hours=24)
"""A command whose helpdesk stays away for this long becomes a dead letter: a person has to look."""

MAX_TENANT_IN_FLIGHT = 200
"""Of one tenant and partition. More than that at a slow helpdesk would fill the partition's span, and every other
tenant's customers there would wait to hear from us: the excess is parked once it is accepted."""

KEEP_OUTCOMES = timedelta(days=90)
"""Longer than commands, parked commands and dead letters live, one after the other."""

HELD_BACK_AT_MOST = timedelta(days=7)
"""The same for commands that wait by our own doing: kill switch and cap."""


class PartitionWorker:
    """Ledger and parked line of one partition, and what is done with its records."""

    def __init__(self, world: World, ledger: Ledger, book: ParkedBook) -> None:
        """Both are complete: read to their ends."""
        self.world = world
        self.ledger = ledger
        self.book = book
        self._in_flight: Counter[str] = Counter()

    async def take(self, record: Record) -> None:
        """One record of `escalation.commands`. Behind a parked one of its conversation it is parked too."""
        await self._while_ours(self._take, record)

    async def take_parked(self, record: Record) -> None:
        """One record of the parked topic: carried out when it is due and first in its line, else to the tail."""
        await self._while_ours(self._take_parked, record)

    async def tidy(self) -> None:
        """Tombstone what nothing will ask for again: INTENTs whose action is done, OUTCOMEs past their time."""
        now = self.world.now()
        gone = (*self.ledger.leftovers(now), *self.ledger.outlived(now - KEEP_OUTCOMES))
        done = [intent_key(intent) for intent in gone]
        old = [outcome_key(outcome) for outcome in self.ledger.expired(now - KEEP_OUTCOMES)]
        for key in (*done, *old):
            await self.world.write_ledger(key, None)
            self.ledger.apply(key, None)

    async def _while_ours(self, do: Callable[[Record], Awaitable[None]], record: Record) -> None:
        """A zombie's ledger is old: it must neither begin anything nor call a command hopeless."""
        try:
            self.world.still_ours()
            await do(record)
        except InvalidRecord:
            self.world.still_ours()
            raise

    async def _take(self, record: Record) -> None:
        command = _decoded(record)
        if not self.book.holds(record.key):
            await self._carry_out(record, command, None)
        elif not self.book.contains(record.key, record.offset):
            now = self.world.now()
            self.book.add(record.key, record.offset)
            self._told(command, None, "parked", BEHIND)
            await self.world.park(record, Waiting(record.offset, BEHIND, since=now, not_before=now, attempt=0))

    async def _take_parked(self, record: Record) -> None:
        waiting = read(record)
        key, origin = record.key, waiting.origin
        if not self.book.contains(key, origin):
            self.book.add(key, origin)
        if self.book.is_last_copy(key, origin):
            command = _decoded(record)
            if self.book.is_first(key, origin) and await self._due(waiting):
                await self._carry_out(record, command, waiting)
            else:
                self.book.add(key, origin)
                await self.world.park(record, waiting)
        self.book.drop(key, origin)

    def buried(self, record: Record) -> None:
        """A parked record is among the dead letters: those behind it in its line may go on."""
        try:
            self.book.drop(record.key, read(record).origin)
        except InvalidRecord:
            return

    async def _due(self, waiting: Waiting) -> bool:
        """Wait for it, but no longer than the others behind it may be held up."""
        left = (waiting.not_before - self.world.now()).total_seconds()
        if left > 0:
            try:
                await self.world.sleep(min(left, self.world.settings.parked_retry_seconds))
            except MustWait:
                return False
        return self.world.now() >= waiting.not_before

    async def _carry_out(self, record: Record, command: AnyCommand, waiting: Waiting | None) -> None:
        progress = Progress(
            said=waiting.said if waiting else frozenset(),
            attempt=waiting.attempt + 1 if waiting else 1,
            crowded=waiting is None and self._in_flight[command.tenant] >= MAX_TENANT_IN_FLIGHT,
        )
        self._in_flight[command.tenant] += 1
        try:
            if isinstance(command, OpenTicket):
                await open_ticket(self.world, self.ledger, command, progress)
            else:
                await append(self.world, self.ledger, command, progress)
        except MustSkip as skip:
            self._skip(command, skip)
        except MustWait as wait:
            await self._park(record, command, waiting, wait, progress)
        except InvalidRecord as error:
            raise await self._give_up(command, error, progress) from None
        else:
            self._told(command, waiting, "done", progress.ticket.result if progress.ticket else "")
        finally:
            self._in_flight[command.tenant] -= 1

    def _skip(self, command: AnyCommand, skip: MustSkip) -> None:
        """Nobody is touched; but what was begun before the tenant went back to observing is left to a person."""
        if skip.reason != ERASED and self._in_doubt(command):
            self._told(command, None, "dead", "in_doubt")
            raise InvalidRecord("in_doubt", f"begun before: {skip.reason}")
        self._told(command, None, "skipped", skip.reason)

    async def _park(
        self, record: Record, command: AnyCommand, waiting: Waiting | None, wait: MustWait, progress: Progress
    ) -> None:
        now = self.world.now()
        since = waiting.since if waiting and waiting.attempt > 0 else now
        if now - since > (GIVE_UP_AFTER if wait.away else HELD_BACK_AT_MOST):
            reason = "in_doubt" if self._in_doubt(command) else wait.reason
            error = InvalidRecord(reason, f"waited since {since.isoformat()}")
            raise await self._give_up(command, error, progress)
        if wait.tell and isinstance(command, OpenTicket) and progress.ticket is None:
            await self._say_delayed(command, wait.reason, progress)
        due = self._due_again(now, wait, waiting.attempt if waiting else 0)
        before = replace(waiting, since=since) if waiting else Waiting(record.offset, "", since, due, attempt=0)
        self.book.add(record.key, before.origin)
        self._told(command, waiting, "parked", wait.reason)
        await self.world.park(record, before.again(wait.reason, due, progress.said))

    def _due_again(self, now: datetime, wait: MustWait, tried: int) -> datetime:
        if wait.reason == LEAVING:
            return now + timedelta(seconds=wait.asked_seconds or 0.0)
        seconds = self.world.settings.parked_retry_seconds
        return retry_at(now, seconds, tried + 1, self.world.jitter(), wait.asked_seconds)

    async def _say_delayed(self, command: OpenTicket, cause: str, progress: Progress) -> None:
        if "delayed" not in progress.said:
            await self.world.notify(command, notices.delayed(command, self.world.now(), cause))
            progress.said |= {"delayed"}

    async def _give_up(self, command: AnyCommand, error: InvalidRecord, progress: Progress) -> InvalidRecord:
        """The customer is told before the record becomes a dead letter; a replay tells nothing new."""
        if isinstance(command, OpenTicket) and progress.ticket is None:
            await self.world.notify(command, notices.failed(command, self.world.now(), error.reason))
        self._told(command, None, "dead", error.reason)
        return error

    def _in_doubt(self, command: AnyCommand) -> bool:
        own = {command.action_id, *(ids.action_id(command.escalation_id, name) for name in ("minimal", "attach"))}
        return any(self.ledger.intent(action_id) is not None for action_id in own)

    def _told(self, command: AnyCommand, waiting: Waiting | None, outcome: str, detail: str) -> None:
        """The command's one line."""
        self.world.saw(
            "command",
            outcome=outcome,
            detail=detail,
            kind=command.kind,
            tenant=command.tenant,
            conversation_id=command.conversation_id,
            escalation_id=command.escalation_id,
            action_id=command.action_id,
            attempt=str(waiting.attempt + 1 if waiting else 1),
        )


def _decoded(record: Record) -> AnyCommand:
    command = decode(COMMAND, record.value)
    if record.key != ids.conversation_key(command.tenant, command.conversation_id).encode():
        raise InvalidRecord("wrong_key", "the key is not the conversation of the value")
    return command
