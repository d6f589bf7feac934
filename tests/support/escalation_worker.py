"""The escalation worker as it runs in production, with what feeds it and what it must have come to."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.commands.hops import masked, own_sentences
from agents.commands.policies import RuleBook
from agents.escalation.decide import decide
from agents.escalation.replay import replay
from agents.escalation.state import ConversationState
from agents.escalation.state_records import PartitionLoader
from agents.escalation.worker import Worker
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.settings import EscalationSettings, TenantBook, TenantSettings
from streams.clock import SystemClock
from streams.codec import decode, encode
from streams.contracts.conversation_events import EVENT, AnyEvent, HumanRequested, Message
from streams.contracts.escalation_commands import COMMAND
from streams.errors import InvalidRecord
from streams.ids import conversation_key
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.producer import AckedProducer
from streams.topology import CONVERSATION_EVENTS, ESCALATION_COMMANDS, ESCALATION_STATE

TENANT = "acme"
TENANTS = {TENANT: TenantSettings(mode="live")}
BOOK = RuleBook(TenantBook(TENANTS), own_sentences())


def make_worker(
    connection: KafkaConnection,
    *,
    metrics: Metrics | None = None,
    on_death: Callable[[str], None] | None = None,
    make_producer: Callable[[KafkaConnection], AckedProducer] = AckedProducer,
    **settings: Any,
) -> Worker:
    """With the shipped policy; `settings` are `EscalationSettings`."""
    return Worker(
        connection=connection,
        settings=EscalationSettings(**settings),
        decide=decide,
        rules_for=BOOK.rules_for,
        policies=BOOK.texts,
        clock=SystemClock(),
        metrics=metrics or Metrics(),
        log=Log("escalation"),
        mask=masked,
        on_death=on_death,
        make_producer=make_producer,
    )


def said(conversation: str, number: int, text: str, *, author: str = "customer", at: datetime | None = None) -> Message:
    """One turn; its event id tells which."""
    return Message.model_validate(
        {
            "event_id": f"{conversation}-{number}",
            "tenant": TENANT,
            "conversation_id": conversation,
            "occurred_at": at or datetime.now(UTC),
            "author": author,
            "text": text,
        }
    )


def story(conversation: str, at: datetime) -> list[AnyEvent]:
    """A conversation that escalates at its third event and gets two appends after it."""
    moments = [at + timedelta(seconds=n) for n in range(5)]
    return [
        said(conversation, 0, "My order has not arrived and the tracking page is empty", at=moments[0]),
        said(conversation, 1, "It usually takes five days.", author="ai", at=moments[1]),
        HumanRequested(
            event_id=f"{conversation}-2", tenant=TENANT, conversation_id=conversation, occurred_at=moments[2]
        ),
        said(conversation, 3, "Order number is 4711, please hurry", at=moments[3]),
        said(conversation, 4, "It was a birthday present", at=moments[4]),
    ]


def traffic(prefix: str, conversations: int) -> list[AnyEvent]:
    """The stories of many conversations, told side by side."""
    at = datetime.now(UTC) - timedelta(seconds=30)
    stories = [story(f"{prefix}{n}", at) for n in range(conversations)]
    return [event for turn in zip(*stories, strict=True) for event in turn]


async def send_all(writer: AckedProducer, events: Iterable[AnyEvent], *, per_second: float | None = None) -> None:
    """Acknowledged, in order per conversation; at about `per_second` when given."""
    waiting: list[asyncio.Task[None]] = []
    for number, event in enumerate(events, start=1):
        key = conversation_key(event.tenant, event.conversation_id)
        waiting.append(asyncio.create_task(writer.send(CONVERSATION_EVENTS.name, key, encode(event))))
        await asyncio.sleep(0)
        if per_second and number % 20 == 0:
            await asyncio.sleep(20 / per_second)
    await asyncio.gather(*waiting)


@dataclass(frozen=True)
class Outcome:
    """What is on the topics, or ought to be: action ids in the order of their first appearance, and all state."""

    actions: dict[str, list[str]]
    states: dict[str, ConversationState]
    repeats: int = 0


def _read(connection: KafkaConnection, topic: str, partitions: int, prefix: str) -> list[StoredRecord]:
    batches = read_to_end(connection, topic, list(range(partitions)), with_headers=True)
    start = f"{TENANT}|{prefix}".encode()
    found = [record for batch in batches for record in batch if record.key.startswith(start)]
    return sorted(found, key=lambda record: (record.partition, record.offset))


def due(connection: KafkaConnection, partitions: int, *, prefix: str = "") -> Outcome:
    """What the log asks for, decided anew: one process, no crash. `replay` has to agree on the commands.

    Of conversations whose id begins with `prefix`.
    """
    actions: dict[str, list[str]] = {}
    states: dict[str, ConversationState] = {}
    events = []
    for record in _read(connection, CONVERSATION_EVENTS.name, partitions, prefix):
        try:
            event = decode(EVENT, record.value)
        except InvalidRecord:
            continue
        events.append(event)
        key, rules = record.key.decode(), BOOK.rules_for(event.tenant)
        assert rules is not None
        decision = decide(states.get(key), event, record.offset, rules)
        actions.setdefault(key, []).extend(command.action_id for command in decision.commands)
        if decision.state is None:
            states.pop(key, None)
        else:
            states[key] = decision.state
    steps = replay(events, lambda tenant: BOOK.rules_for(tenant) or BOOK.rules_for(TENANT), make_ticks=False)  # type: ignore[arg-type,return-value] # TENANT is in the book
    replayed = {command.action_id for _, decision in steps for command in decision.commands}
    assert replayed == {action for found in actions.values() for action in found}
    return Outcome({key: found for key, found in actions.items() if found}, states)


def done(connection: KafkaConnection, partitions: int, *, prefix: str = "") -> Outcome:
    """What the worker has come to, from the topics alone. Of conversations whose id begins with `prefix`."""
    actions: dict[str, list[str]] = {}
    repeats = 0
    for record in _read(connection, ESCALATION_COMMANDS.name, partitions, prefix):
        found = actions.setdefault(record.key.decode(), [])
        action = decode(COMMAND, record.value).action_id
        if action in found:
            repeats += 1
        else:
            found.append(action)
    loaders = {partition: PartitionLoader(partition) for partition in range(partitions)}
    for record in _read(connection, ESCALATION_STATE.name, partitions, prefix):
        loaders[record.partition].add(record)
    states: dict[str, ConversationState] = {}
    for loader in loaders.values():
        partition, _ = loader.finish()
        states |= {key: live.state for key, live in partition.lives.items() if live.state is not None}
    return Outcome(actions, states, repeats)
