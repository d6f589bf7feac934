"""How long a fresh worker takes to remember, and what a conversation it remembers weighs."""

import asyncio
import gc
import json
import sys
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path

from confluent_kafka import Producer

from agents.collector import calm_collector
from agents.escalation.decide import decide
from agents.escalation.live import Live, PartitionState
from agents.escalation.state_records import PartitionLoader, StateRecord, head_key, records_of
from streams.contracts.conversation_events import Message
from streams.ids import conversation_key
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.topology import PARTITIONS
from tests.bench.contenders.bare_real import shipped_rules
from tests.bench.feed import Topics
from tests.bench.figures import Figure, Result, Setting, Table, Target
from tests.bench.sentences import ANSWERS, ASKS

name = "recovery"
title = "Recovery and memory"
about = (
    "Live conversations of 8 turns on a state topic in the shipped encoding, compacted: the last head and eight "
    "chunks each. A fresh process reads them into memory with the worker's own bulk reader and loader. Weight is what "
    "Python's allocator holds (tracemalloc); a conversation rests as its bytes until somebody writes in it."
)
TURNS = 8
SIZES, QUICK_SIZES = (10_000, 30_000, 100_000), (10_000,)
_STAND_IN = b"conv-00000000"
_TEMPLATES = 200


def templates() -> list[list[StateRecord]]:
    """Records of conversations that differ in their texts, all under one stand-in id."""
    return [_compacted(number) for number in range(_TEMPLATES)]


def _compacted(number: int) -> list[StateRecord]:
    rules, conversation = shipped_rules(), _STAND_IN.decode()
    live = Live(conversation_key("acme", conversation), 0)
    start = datetime(2026, 7, 6, 9, tzinfo=UTC)
    kept: dict[bytes, StateRecord] = {}
    for turn in range(TURNS):
        by_ai = turn % 2 == 1
        bank = (ANSWERS if by_ai else ASKS)["en"]
        texts = [bank[(number + turn + more) % len(bank)] for more in range(3 if by_ai else 1)]
        event = Message(
            event_id=f"{conversation}-{turn:03d}",
            tenant="acme",
            conversation_id=conversation,
            occurred_at=start + timedelta(seconds=30 * turn),
            author="ai" if by_ai else "customer",
            text=" ".join(text.format(n=number * 10 + turn) for text in texts),
            confidence=0.9 if by_ai else None,
        )
        live.state, live.applied_offset = decide(live.state, event, turn, rules).state, turn
        for record in records_of(live):
            kept[record.key] = record
    return sorted(kept.values(), key=lambda record: record.key == head_key(live.key))


def put(connection: KafkaConnection, topic: str, conversations: int) -> int:
    """Write the state of so many conversations; returns the bytes."""
    Topics(connection).make(topic)
    producer = Producer(connection.producer() | {"linger.ms": 20, "queue.buffering.max.kbytes": 256 * 1024})
    made, written = templates(), 0
    for number in range(conversations):
        own = b"conv-%08d" % number
        partition = number % PARTITIONS
        for record in made[number % len(made)]:
            key, value = record.key.replace(_STAND_IN, own), (record.value or b"").replace(_STAND_IN, own)
            written += len(key) + len(value)
            while True:
                try:
                    producer.produce(topic, value, key, partition)
                    break
                except BufferError:
                    producer.poll(0.05)
        producer.poll(0)
    if producer.flush(60.0):
        raise SystemExit("the state could not be written")
    return written


def recovered(connection: KafkaConnection, topic: str) -> list[PartitionState]:
    """As the worker's recovery reads its partitions."""
    loaders = {partition: PartitionLoader(partition) for partition in range(PARTITIONS)}
    for batch in read_to_end(connection, topic, list(loaders), with_headers=True):
        for record in batch:
            loaders[record.partition].add(record)
    return [loader.finish()[0] for loader in loaders.values()]


def _timed(servers: str, topic: str) -> dict[str, float]:
    before, began, cpu = _resident_bytes(), time.monotonic(), time.process_time()
    states = recovered(KafkaConnection(servers), topic)
    return {
        "seconds": time.monotonic() - began,
        "cpu_seconds": time.process_time() - cpu,
        "conversations": _number(states),
        "resident_bytes": (_resident_bytes() - before) / _number(states),
    }


def _weighed(servers: str, topic: str) -> dict[str, float]:
    """What Python holds for a conversation, at rest and after it was asked for; the transcript as it is stored."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    states = recovered(KafkaConnection(servers), topic)
    gc.collect()
    lives = [live for state in states for live in state.lives.values()]
    at_rest = tracemalloc.get_traced_memory()[0] - before - sys.getsizeof(lives)
    transcript = _stored_transcript_bytes(servers, topic)
    turns = sum(_text_bytes(live) for live in lives)
    gc.collect()
    in_use = tracemalloc.get_traced_memory()[0] - before - sys.getsizeof(lives)
    number = len(lives)
    return {
        "transcript_bytes": transcript / number,
        "at_rest_bytes": (at_rest - transcript) / number,
        "in_use_bytes": (in_use - turns) / number,
    }


def _stored_transcript_bytes(servers: str, topic: str) -> int:
    """Turns and event ids as they stand on the topic."""
    batches = read_to_end(KafkaConnection(servers), topic, list(range(PARTITIONS)))
    return sum(len(record.value or b"") for batch in batches for record in batch if b"|c|" in record.key)


def _text_bytes(live: Live) -> int:
    """Of the turns' objects. Asking for the state wakes it."""
    state = live.state
    assert state is not None
    return sum(sys.getsizeof(turn) + sys.getsizeof(turn.text) + sys.getsizeof(turn.event_id) for turn in state.turns)


def _number(states: list[PartitionState]) -> int:
    return sum(len(state.lives) for state in states)


def _resident_bytes() -> int:
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


def _child(what: str, servers: str, topic: str) -> None:
    calm_collector()
    found = _timed(servers, topic) if what == "time" else _weighed(servers, topic)
    sys.stdout.write(json.dumps(found) + "\n")


async def _asked(what: str, servers: str, topic: str) -> dict[str, float]:
    """What a fresh process finds."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.more.recovery", what, servers, topic), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await child.communicate()
    if child.returncode:
        raise SystemExit(f"the recovering process ended with {child.returncode}")
    answer: dict[str, float] = json.loads(out)
    return answer


async def run(setting: Setting, quick: bool) -> Result:  # the seam's signature
    """Write, recover, weigh."""
    found, servers = [], setting.connection.bootstrap_servers
    for conversations in QUICK_SIZES if quick else SIZES:
        topic = f"bench-recovery-{conversations}"
        setting.say(f"writing the state of {conversations:,} conversations")
        written = await asyncio.to_thread(put, setting.connection, topic, conversations)
        setting.say("recovering it")
        measured = await _asked("time", servers, topic)
        if measured["conversations"] != conversations:
            raise SystemExit(f"{measured['conversations']} of {conversations} conversations came back")
        found.append(measured | {"state_bytes": written / conversations})
    setting.say("weighing")
    weighed = await _asked("weigh", servers, f"bench-recovery-{QUICK_SIZES[0]}")
    return {"sizes": found, "weighed": weighed}


def rows(result: Result) -> list[Figure]:
    """Recovery, and what a conversation weighs."""
    last, weighed = result["sizes"][-1], result["weighed"]
    number = last["conversations"]
    target = Target(20, at_most=True) if number >= SIZES[-1] else None
    rest, used = weighed["at_rest_bytes"] / 1024, weighed["in_use_bytes"] / 1024
    return [
        Figure(f"recovery of {number:,} conversations", last["seconds"], "s", target),
        Figure("memory of a conversation at rest besides its transcript", rest, "KiB", Target(1.5, at_most=True)),
        Figure("the same while it is in use, and up to two minutes after", used, "KiB"),
        Figure("transcript at rest", weighed["transcript_bytes"] / 1024, "KiB"),
    ]


def tables(result: Result) -> list[Table]:
    """By number of conversations."""
    headings = ("conversations", "seconds", "CPU s", "state, bytes", "RSS, bytes")
    names = ("seconds", "cpu_seconds", "state_bytes", "resident_bytes")
    cells = tuple(
        (f"{size['conversations']:,}", *(f"{size[key]:,.{2 if 'seconds' in key else 0}f}" for key in names))
        for size in result["sizes"]
    )
    return [Table(headings, cells, "Bytes are per conversation; RSS is what the whole process grew by.")]


if __name__ == "__main__":
    _child(*sys.argv[1:4])
