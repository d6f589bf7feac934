"""Events per second through one escalation process, what a conversation weighs, how long recovery takes."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from streams.codec import encode
from streams.contracts.conversation_events import Message
from streams.ids import conversation_key
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.producer import AckedProducer
from streams.topology import CONVERSATION_EVENTS, ESCALATION_STATE, PARTITIONS
from tests.capacity.process import HopProcess, base_configuration
from tests.capacity.table import Figure

TURNS = 6
_WINDOW = 2_000
_PATIENCE_SECONDS = 900.0


async def measure(connection: KafkaConnection, folder: Path, conversations: int) -> list[Figure]:
    """Feed `conversations` of six turns that are still open at the end, then start the process anew."""
    made = base_configuration(connection.bootstrap_servers, {"mode": "observe"})
    events = conversations * TURNS
    await _feed(connection, conversations)
    async with HopProcess("escalation", folder, made) as escalation:
        before, started = escalation.cpu_seconds(), time.monotonic()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while await escalation.metric("handoff_events_total", hop="escalation") < events:
                await asyncio.sleep(0.5)
        wall, cpu = time.monotonic() - started, escalation.cpu_seconds() - before
        memory = escalation.resident_bytes()
    records, alive_bytes, all_bytes = await asyncio.to_thread(_state, connection)
    async with HopProcess("escalation", folder, made) as again:
        recovery = await again.metric("handoff_recovery_duration_seconds_sum", topic=ESCALATION_STATE.name)
        ready = again.ready_seconds
    return [
        Figure("escalation", f"events per second, one process ({events:,} events)", events / wall),
        Figure("escalation", "events per second of processor time", events / cpu),
        Figure("escalation", f"bytes of state per open conversation of {TURNS} turns", alive_bytes / conversations),
        Figure("escalation", "records of state per open conversation", records / conversations),
        Figure("escalation", "bytes on the state topic per conversation, not compacted", all_bytes / conversations),
        Figure("escalation", "recovery per 100,000 conversations, s", recovery / conversations * 100_000),
        Figure("escalation", f"start to ready with {conversations:,} conversations, s", ready),
        Figure("escalation", f"memory with {conversations:,} conversations, MiB", memory / 2**20),
    ]


async def _feed(connection: KafkaConnection, conversations: int) -> None:
    producer = AckedProducer(connection)
    waiting: list[asyncio.Task[None]] = []
    for event in _events(conversations):
        key = conversation_key(event.tenant, event.conversation_id)
        waiting.append(asyncio.create_task(producer.send(CONVERSATION_EVENTS.name, key, encode(event))))
        if len(waiting) == _WINDOW:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await producer.close()


def _events(conversations: int) -> Iterator[Message]:
    """Side by side: the first turns of all, then the second ones."""
    start = datetime.now(UTC) - timedelta(minutes=5)
    said = "My parcel has not arrived and the tracking page shows nothing since Monday, what can I do about it?"
    answer = "I am sorry to hear that. Parcels usually take three to five working days; yours is on its way to you."
    for turn in range(TURNS):
        for number in range(conversations):
            by_customer = turn % 2 == 0
            yield Message(
                event_id=f"{number}-{turn}",
                tenant="acme",
                conversation_id=f"conversation-{number}",
                occurred_at=start + timedelta(seconds=30 * turn, milliseconds=number % 1000),
                author="customer" if by_customer else "ai",
                text=f"{said if by_customer else answer} ({number} {turn})",
            )


def _state(connection: KafkaConnection) -> tuple[int, int, int]:
    """Records alive, their bytes, and the bytes of all that was written."""
    alive: dict[bytes, int] = {}
    everything = 0
    for batch in read_to_end(connection, ESCALATION_STATE.name, list(range(PARTITIONS))):
        for record in batch:
            size = len(record.key) + len(record.value or b"")
            everything += size
            if record.value is None:
                alive.pop(record.key, None)
            else:
                alive[record.key] = size
    return len(alive), sum(alive.values()), everything
