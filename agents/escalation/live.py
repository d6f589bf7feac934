"""What a worker holds of its partitions: conversations, and how far the brokers have them."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from agents.escalation.state import ConversationState


class Live:
    """One conversation in memory.

    `chunks` are the (first, last) source offsets of the chunks that stand on the state topic; `chunked_to` is the
    highest offset any of them covers. `outstanding` counts outputs not yet acknowledged: while it is not zero no
    head may be written. `dropped` are the chunks of a deleted conversation that may have begun anew since: their
    tombstones come before anything else. `written_offset` is the newest head given to the producer, `acked_offset`
    the newest one the brokers have.
    """

    __slots__ = (
        "acked_offset",
        "applied_offset",
        "chunked_to",
        "chunks",
        "dropped",
        "key",
        "on_topic",
        "outstanding",
        "partition",
        "state",
        "tick_sent_ms",
        "waiters",
        "written_offset",
    )  # fmt: skip

    def __init__(self, key: str, partition: int) -> None:
        """A conversation nothing is known of."""
        self.key = key
        self.partition = partition
        self.state: ConversationState | None = None
        self.applied_offset = -1
        self.chunks: list[tuple[int, int]] = []
        self.dropped: list[tuple[int, int]] = []
        self.chunked_to = -1
        self.outstanding = 0
        self.written_offset = -1
        self.acked_offset = -1
        self.on_topic = False
        self.tick_sent_ms: int | None = None
        self.waiters: list[tuple[int, Batch]] = []

    def forget(self) -> None:
        """The conversation is deleted; what stands of it on the topic goes with the next write."""
        self.state = None
        self.dropped.extend(self.chunks)
        self.chunks.clear()

    @property
    def dirty(self) -> bool:
        """The brokers have not been given this state yet."""
        return self.written_offset < self.applied_offset


class Batch:
    """Records of one partition that are folded together, and acknowledged together.

    `missing` counts what the brokers have not confirmed: dead letters, and one per touched conversation.
    """

    __slots__ = ("acks", "missing", "partition", "size_bytes")

    def __init__(self, partition: int) -> None:
        """Empty."""
        self.partition = partition
        self.acks: list[Callable[[], None]] = []
        self.missing = 0
        self.size_bytes = 0


@dataclass
class PartitionState:
    """All conversations of one partition, and when each wants to be woken."""

    partition: int
    lives: dict[str, Live] = field(default_factory=dict)
    _due: list[tuple[int, str]] = field(default_factory=list)

    def get(self, key: str) -> Live:
        """The conversation of that key, known or new."""
        live = self.lives.get(key)
        if live is None:
            live = self.lives[key] = Live(key, self.partition)
        return live

    def holds(self, live: Live) -> bool:
        """Whether `live` is the one this partition knows: not of a former life of the partition here."""
        return self.lives.get(live.key) is live

    def drop(self, live: Live) -> None:
        """Forget a conversation whose tombstones are acknowledged."""
        if self.holds(live):
            del self.lives[live.key]

    def wake_at(self, live: Live) -> None:
        """Remember when this conversation is due; an older entry is skipped when it comes up."""
        if live.state is not None and live.state.head.due_ms is not None:
            heapq.heappush(self._due, (live.state.head.due_ms, live.key))

    def due(self, now_ms: int) -> Iterator[Live]:
        """Conversations whose time has come and for which no tick is under way; each once per due time."""
        while self._due and self._due[0][0] <= now_ms:
            due_ms, key = heapq.heappop(self._due)
            live = self.lives.get(key)
            if live is None or live.state is None or live.state.head.due_ms != due_ms:
                continue
            if live.tick_sent_ms == due_ms:
                continue
            live.tick_sent_ms = due_ms
            yield live

    @property
    def next_due_ms(self) -> int | None:
        """The earliest due time, possibly one that has moved since."""
        return self._due[0][0] if self._due else None
