"""What a worker holds of its partitions: conversations, and how far the brokers have them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from agents.escalation.alarms import Alarms
from agents.escalation.cold import Span, cooled, warmed
from agents.escalation.state import ConversationState


class Live:
    """One conversation in memory.

    `chunks` are the (first, last) source offsets of the chunks that stand on the state topic; `chunked_to` is the
    highest offset any of them covers. `outstanding` counts outputs not yet acknowledged: while it is not zero no
    head may be written. `take_dropped` gives the chunks of a deleted conversation that may have begun anew since: their
    tombstones come before anything else. `written_offset` is the newest head given to the producer, `acked_offset`
    the newest one the brokers have. `wakes_ms` is the earliest of its alarms,
    `used` whether anybody asked for the state since `PartitionState.cool` came by.
    """

    __slots__ = (
        "_chunks",
        "_cold",
        "_dropped",
        "_state",
        "acked_offset",
        "applied_offset",
        "chunked_to",
        "due_ms",
        "key",
        "outstanding",
        "partition",
        "tick_sent_ms",
        "used",
        "waiters",
        "wakes_ms",
        "written_offset",
    )  # fmt: skip

    def __init__(self, key: str, partition: int) -> None:
        """A conversation nothing is known of."""
        self.key = key
        self.partition = partition
        self._state: ConversationState | None = None
        self._cold: bytes | None = None
        self.due_ms: int | None = None
        self.used = True
        self.applied_offset = -1
        self._chunks: list[Span] | None = None
        self._dropped: list[Span] | None = None
        self.chunked_to = -1
        self.outstanding = 0
        self.written_offset = -1
        self.acked_offset = -1
        self.tick_sent_ms: int | None = None
        self.wakes_ms: int | None = None
        self.waiters: list[tuple[int, Batch]] | None = None

    @property
    def state(self) -> ConversationState | None:
        """All that is remembered; read from its bytes where it rests."""
        if self._cold is not None:
            self._warm(self._cold)
        self.used = True
        return self._state

    @state.setter
    def state(self, state: ConversationState | None) -> None:
        if self._cold is not None:
            self._warm(self._cold)
        self._state, self.used = state, True
        self.due_ms = None if state is None else state.head.due_ms

    @property
    def chunks(self) -> list[Span]:
        """The chunks that stand on the state topic, oldest first."""
        if self._cold is not None:
            self._warm(self._cold)
        if self._chunks is None:
            self._chunks = []
        return self._chunks

    @chunks.setter
    def chunks(self, chunks: list[Span]) -> None:
        self._chunks = chunks

    def take_dropped(self) -> list[Span]:
        """The chunks of a deleted conversation that are still to be tombstoned; they are the caller's now."""
        dropped, self._dropped = self._dropped, None
        return dropped or []

    @property
    def gone(self) -> bool:
        """Nothing is remembered: it was deleted, or has not begun."""
        return self._state is None and self._cold is None

    @property
    def cold(self) -> bytes | None:
        """Its bytes, where it rests."""
        return self._cold

    def rest(self, cold: bytes, due_ms: int | None) -> None:
        """Keep state and chunks as these bytes until somebody asks for one of them."""
        self._state, self._chunks, self._cold = None, None, cold
        self.due_ms, self.used = due_ms, False

    def _warm(self, cold: bytes) -> None:
        self._state, self._chunks = warmed(cold)
        self._cold = None

    def acked(self, offset: int) -> bool:
        """The brokers have the head at `offset`; returns whether anything hangs on that."""
        self.acked_offset = max(self.acked_offset, offset)
        return self.waiters is not None or self.gone

    def wait(self, offset: int, batch: "Batch") -> None:
        """`batch` is missing this conversation's head at `offset`, or a later one."""
        self.waiters = [*(self.waiters or ()), (offset, batch)]

    def cool(self) -> None:
        """Keep the state as its bytes, where nobody has asked for it since the last time and nothing is under way."""
        if self.used or self._state is None:
            self.used = False
        elif not (self.dirty or self.outstanding or self.waiters):
            self.rest(cooled(self._state, self.chunks), self.due_ms)

    def forget(self, offset: int) -> None:
        """The event at `offset` deletes the conversation; what stands of it on the topic goes with the next write.

        A chunk that reaches further is of a life that came further and died: it belongs to what begins anew.
        """
        self.state = None
        self.applied_offset = offset
        self._dropped = [*(self._dropped or ()), *(span for span in self.chunks if span[1] <= offset)]
        self.chunks = [span for span in self.chunks if span[1] > offset]

    @property
    def dirty(self) -> bool:
        """The brokers have not been given this state yet."""
        return self.written_offset < self.applied_offset


@dataclass
class PartitionState:
    """All conversations of one partition, and when each wants to be woken.

    `burying` counts dead letters under way by record key. Until they are acknowledged no state of that key is
    written: its offset would pass theirs, and a crash would lose them. `orphans` are chunks found without a head,
    by conversation: a crash came between the two, and the events that led to them come again.
    """

    partition: int
    lives: dict[str, Live] = field(default_factory=dict)
    burying: Counter[bytes] = field(default_factory=Counter)
    orphans: dict[str, list[Span]] = field(default_factory=dict)
    _alarms: Alarms = field(default_factory=Alarms)
    _round: list[Live] = field(default_factory=list)

    def get(self, key: str) -> Live:
        """The conversation of that key, known or new."""
        live = self.lives.get(key)
        if live is None:
            live = self.lives[key] = Live(key, self.partition)
            live.chunks = self.orphans.pop(key, [])
        return live

    def holds(self, live: Live) -> bool:
        """Whether `live` is the one this partition knows: not of a former life of the partition here."""
        return self.lives.get(live.key) is live

    def storable(self, live: Live) -> bool:
        """Whether `live` has something to be written, and nothing that has to be acknowledged before."""
        if live.outstanding or live.written_offset >= live.applied_offset or self.lives.get(live.key) is not live:
            return False
        return not self.burying or not self.burying[live.key.encode()]

    def buried(self, key: bytes) -> Live | None:
        """A dead letter of `key` is acknowledged; returns the conversation that may have waited for it."""
        self.burying[key] -= 1
        if self.burying[key]:
            return None
        del self.burying[key]
        return self.lives.get(key.decode("utf-8", "replace"))

    def drop(self, live: Live) -> None:
        """Forget a conversation whose tombstones are acknowledged."""
        if self.holds(live):
            del self.lives[live.key]
            if live.chunks:
                self.orphans[live.key] = live.chunks

    def wake_at(self, live: Live) -> None:
        """Remember when this conversation is due. One entry stands until it comes up, however often the time moves."""
        due_ms = live.due_ms
        if due_ms is not None and (live.wakes_ms is None or due_ms < live.wakes_ms):
            live.wakes_ms = due_ms
            self._alarms.add(due_ms, live.key)

    def due(self, now_ms: int) -> list[Live]:
        """Conversations whose time has come and for which no tick is under way, earliest first; each once per time."""
        found = []
        for key in self._alarms.rung(now_ms):
            live = self.lives.get(key)
            if live is None:
                continue
            live.wakes_ms = None
            due_ms = live.due_ms
            if due_ms is None or live.tick_sent_ms == due_ms:
                continue
            if due_ms > now_ms:
                self.wake_at(live)
                continue
            live.tick_sent_ms = due_ms
            found.append((due_ms, key, live))
        return [live for _, _, live in sorted(found)]

    def begin_round(self) -> None:
        """From now on `cool` goes over all conversations once; an unfinished round is finished first."""
        if not self._round:
            self._round = list(self.lives.values())

    def cool(self, most: int) -> int:
        """Lay to rest those not used since the round before, of the next `most`; returns how many were looked at."""
        looked_at = self._round[-most:]
        del self._round[-most:]
        for live in looked_at:
            live.cool()
        return len(looked_at)


class Batch:
    """Records of one partition that are folded together, and acknowledged together.

    `missing` counts what the brokers have not confirmed: dead letters, the heads written in the same pass (as one),
    each conversation whose head has to wait; and the pass itself, until all of that is counted.
    """

    __slots__ = ("acks", "missing", "size_bytes", "state")

    def __init__(self, state: PartitionState) -> None:
        """Empty. `state` is the partition as it is held now: it may leave, and come back as another."""
        self.state = state
        self.acks: list[Callable[[], None]] = []
        self.missing = 1
        self.size_bytes = 0


class Writes:
    """State records of one partition that go out in one pass. `heads` has each conversation with its offset.

    `outstanding` counts the records, and the pass until it has produced all of them.
    """

    __slots__ = ("_done", "batch", "heads", "outstanding")

    def __init__(self, batch: Batch | None, done: "Callable[[Writes, Exception | None], None]") -> None:
        """`batch`, if any, waits for it. `done` is called when all is confirmed, and at each failure."""
        self.batch = batch
        self.heads: list[tuple[Live, int]] = []
        self.outstanding = 1
        self._done = done
        if batch is not None:
            batch.missing += 1

    def take(self, live: Live, records: int) -> None:
        """So many records that bring `live` to its written offset are about to be produced."""
        self.heads.append((live, live.written_offset))
        self.outstanding += records

    def report(self, failure: Exception | None) -> None:
        """What became of one of the records."""
        if failure is not None:
            self._done(self, failure)
            return
        self.outstanding -= 1
        if self.outstanding == 0:
            self._done(self, None)
