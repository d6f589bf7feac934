"""What erasing one conversation comes to, by what the topics hold of it. Pure.

**State** is the running worker's: a tombstone from outside would be overwritten by what it holds in memory. So an
`erased` event is put behind the conversation's other events; the worker forgets, and tombstones head and chunks
itself. One that is away does so when it is back.

**`escalation.ledger`**: OUTCOMEs stay. They hold ids and no word of anybody, and they are why a command that is read
again opens no second ticket; ticketing drops them 90 days later as it always does. INTENTs hold the ticket's text.
One whose action is done is tombstoned. One in doubt, whose command nobody will carry out any more, is replaced by one
without its bytes: a command that comes back after all is skipped for it, where a tombstone would have it sent again.

**`notification.ledger`**: OUTCOMEs stay, for the same reason, for 45 days. An INTENT gives way to an OUTCOME that
says `erased`: whether the customer read that notice will not be found out, and it is not sent again.

**What is still under way is not touched**: a record that nobody has handled yet, a notice that waits for its channel,
and, unless forced, a conversation in which the customer may be writing. Its dead letters are blocked at once; the
rest waits until the erasure is run again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from agents.erasure.holdings import Holdings
from streams.codec import Headers, encode, headers_for
from streams.contracts.base import Contract
from streams.contracts.conversation_events import Erased
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.notification_ledger import Deferred, StepIntent, StepOutcome
from streams.ids import derive
from streams.topology import CONVERSATION_EVENTS, DAY_MS, ESCALATION_LEDGER, NOTIFICATION_LEDGER, TOPICS
from streams.trace import new_traceparent

SOURCE = "/handoff/erase"
ERASED = "erased"

SEGMENT_MS = 7 * DAY_MS
"""The broker removes whole segments, by their newest record, and closes one after this time
(`log.roll.hours`, 168 by default): a record may outlive its retention by so much."""

NO_BYTES = PreparedRequest(method="", path="", body="")


@dataclass(frozen=True)
class Write:
    """One record to be written; `value` None is a tombstone."""

    topic: str
    partition: int
    key: str
    value: bytes | None = field(repr=False)
    headers: Headers | None = field(default=None, repr=False)


@dataclass(frozen=True, order=True)
class Ticket:
    """To be redacted in the helpdesk. Without an id: it may exist, and carries the escalation's id."""

    helpdesk: str
    id: str
    url: str
    escalation_id: str


@dataclass(frozen=True)
class Erasing:
    """One conversation. `waits`: why its state and ledgers cannot be erased yet; then `writes` is empty."""

    holdings: Holdings
    waits: tuple[str, ...]
    writes: tuple[Write, ...]

    @property
    def forgets(self) -> bool:
        """Whether the escalation worker has something to forget."""
        return any(write.topic == CONVERSATION_EVENTS.name for write in self.writes)


@dataclass(frozen=True)
class Rest:
    """What only retention removes: records of a topic, and the moment by which the last of them is gone."""

    topic: str
    records: int
    gone_by: datetime


def erasing(holdings: Holdings, at: datetime, *, force: bool) -> Erasing:
    """What is to be done about that conversation at `at`; `force`: although it is under way."""
    waits = tuple(_waits(holdings, force=force))
    writes = () if waits else (*_forget(holdings, at), *_intents(holdings, at), *_steps(holdings, at))
    return Erasing(holdings, waits, writes)


def _waits(holdings: Holdings, *, force: bool) -> Iterator[str]:
    if holdings.under_way and not force:
        yield "it is under way (it ends by itself a day after the customer's last message; --force)"
    for topic, number in sorted(holdings.unhandled.items()):
        if number:
            yield f"{number} of its records on {topic} are not handled yet"
    if any(isinstance(step, Deferred) for step in holdings.steps.values()):
        yield "a notice waits for its channel"
    for topic, number in sorted(holdings.unreadable.items()):
        yield f"{number} of its records on {topic} were written by a later build: erase with that"


def _forget(holdings: Holdings, at: datetime) -> Iterator[Write]:
    if not holdings.state:
        return
    tenant, conversation_id = holdings.tenant, holdings.conversation_id
    event_id = derive(ERASED, tenant, conversation_id, at.isoformat())
    event = Erased(event_id=event_id, tenant=tenant, conversation_id=conversation_id, occurred_at=at)
    yield _write(CONVERSATION_EVENTS.name, holdings, holdings.key, event, event_id, at)


def _intents(holdings: Holdings, at: datetime) -> Iterator[Write]:
    for key, intent in holdings.intents.items():
        if holdings.ledger.settled(intent):
            yield Write(ESCALATION_LEDGER.name, holdings.partition, key.decode(), None)
        elif not intent.erased:
            update = {"request": NO_BYTES, "requester_id": None, "erased": True, "written_at": at}
            bare = intent.model_copy(update=update)
            yield _write(ESCALATION_LEDGER.name, holdings, key, bare, f"{intent.action_id}:{ERASED}", at)


def _steps(holdings: Holdings, at: datetime) -> Iterator[Write]:
    for key, step in holdings.steps.items():
        if not isinstance(step, StepIntent):
            continue
        if not holdings.has_settled(step):
            outcome = StepOutcome(
                tenant=step.tenant,
                conversation_id=step.conversation_id,
                escalation_id=step.escalation_id,
                notification_id=step.notification_id,
                step=step.step,
                recorded_at=at,
                result="unknown" if step.step in {"reply", "email"} else "skipped",
                cause=ERASED,
            )
            there = key.removesuffix(b"intent") + b"outcome"
            name = f"{step.notification_id}:{step.step}:outcome"
            yield _write(NOTIFICATION_LEDGER.name, holdings, there, outcome, name, at)
        yield Write(NOTIFICATION_LEDGER.name, holdings.partition, key.decode(), None)


def _write(topic: str, holdings: Holdings, key: bytes, value: Contract, name: str, at: datetime) -> Write:
    kind = str(getattr(value, "kind", ERASED))
    headers = headers_for(event_id=name, source=SOURCE, kind=kind, at=at, traceparent=new_traceparent())
    return Write(topic, holdings.partition, key.decode(), encode(value), headers)


def tickets(found: Iterable[Holdings]) -> list[Ticket]:
    """Every ticket that has their words in it, or may have: those come last, without an id."""
    known: set[Ticket] = set()
    for holdings in found:
        for outcome in holdings.outcomes.values():
            if outcome.ticket_id:
                known.add(Ticket(outcome.helpdesk, outcome.ticket_id, outcome.ticket_url or "", ""))
        for intent in holdings.intents.values():
            if not holdings.ledger.settled(intent):
                known.add(Ticket(intent.helpdesk, intent.ticket_id or "", "", intent.escalation_id))
    linked = {(ticket.helpdesk, ticket.id) for ticket in known if ticket.url}
    kept = [ticket for ticket in known if ticket.url or not ticket.id or (ticket.helpdesk, ticket.id) not in linked]
    return sorted(kept, key=lambda ticket: (not ticket.id, ticket))


def rest(found: Iterable[Holdings]) -> list[Rest]:
    """What stays on topics that forget by time alone, in the order of the map."""
    everything = list(found)
    left = []
    for topic in TOPICS:
        records = sum(holdings.records[topic.name] for holdings in everything)
        if records and topic.retention_ms is not None:
            newest = max(holdings.newest_ms.get(topic.name, 0) for holdings in everything)
            segment_ms = int(topic.config.get("segment.ms", SEGMENT_MS))
            left.append(
                Rest(topic.name, records, _moment(newest) + timedelta(milliseconds=topic.retention_ms + segment_ms))
            )
    return left


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
