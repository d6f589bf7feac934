"""A dead letter as a person sees it, which ones are meant, and which may go back. Pure."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from streams.codec import Headers, header
from streams.errors import Refused
from streams.kafka.bulk import StoredRecord

SUFFIX = ".dead"
REDRIVE_ID = "redrive-id"
REDRIVE_COUNT = "redrive-count"
REDRIVE_OF = "redrive-of"
_DROPPED_PREFIXES = ("dlq-", "handoff-", "redrive-")
_KEPT = "dlq-first-failed-at"


@dataclass(frozen=True)
class Letter:
    """One record of a `.dead` topic."""

    topic: str
    """The topic it died on, without `.dead`."""
    partition: int
    offset: int
    key: bytes
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(repr=False)

    @classmethod
    def of(cls, topic: str, record: StoredRecord) -> "Letter":
        """`topic` is the original one."""
        return cls(topic, record.partition, record.offset, record.key, record.value, record.headers)

    def text(self, name: str) -> str:
        """A header's text, or nothing."""
        return header(self.headers, name) or ""

    @property
    def id(self) -> str:
        """`topic/partition/offset`: how a person names it."""
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def reason(self) -> str:
        """Why it died, a slug."""
        return self.text("dlq-reason") or "unknown"

    @property
    def tenant(self) -> str:
        """By its key."""
        return self.key.decode("utf-8", "replace").partition("|")[0]

    @property
    def conversation_id(self) -> str:
        """By its key."""
        return self.key.decode("utf-8", "replace").partition("|")[2]

    @property
    def failed_at(self) -> datetime | None:
        """When it died."""
        return _moment(self.text("dlq-failed-at"))

    @property
    def first_failed_at(self) -> datetime | None:
        """When it died for the first time, before it was ever redriven."""
        return _moment(self.text(_KEPT)) or self.failed_at

    @property
    def damage(self) -> str | None:
        """`cut`: only its beginning was kept. `masked`: cards or credentials in it were starred. None: as it was."""
        size = self.text("dlq-value-bytes")
        if size.isdecimal() and int(size) != len(self.value or b""):
            return "cut"
        if hashlib.sha256(self.value or b"").hexdigest() != self.text("dlq-value-sha256"):
            return "masked"
        return None

    def redriven_headers(self, redrive_id: str) -> Headers:
        """The record's own headers, and where it comes from."""
        kept = [
            (name, value) for name, value in self.headers if name == _KEPT or not name.startswith(_DROPPED_PREFIXES)
        ]
        before = self.text(REDRIVE_COUNT)
        count = int(before) + 1 if before.isdecimal() else 1
        added = {REDRIVE_ID: redrive_id, REDRIVE_COUNT: str(count), REDRIVE_OF: self.id}
        return kept + [(name, value.encode()) for name, value in added.items()]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


@dataclass(frozen=True)
class Wanted:
    """Which letters are meant; what is not said is not asked for."""

    reasons: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def narrows(self) -> bool:
        """Whether anything was said at all."""
        return bool(self.reasons or self.tenants or self.ids or self.since or self.until)

    def means(self, letter: Letter) -> bool:
        """Whether `letter` is one of them. One without a readable time is never in a span of time."""
        if self.reasons and letter.reason not in self.reasons:
            return False
        if self.tenants and letter.tenant not in self.tenants:
            return False
        if self.ids and letter.id not in self.ids:
            return False
        at = letter.failed_at
        if self.since is not None and (at is None or at < self.since):
            return False
        return self.until is None or (at is not None and at < self.until)


@dataclass
class Sorting:
    """Says of each letter, in the order of a partition, whether it may go back now.

    What a conversation's earlier letter waits for, its later ones wait for too: an append must not overtake the
    ticket it belongs to. What `erased` says of a letter nothing overrules: its person's data were erased after it died.
    """

    wanted: Wanted
    force: bool = False
    out_of_order: bool = False
    erased: Callable[[Letter], bool] = lambda _letter: False
    _held: dict[tuple[str, int, bytes], str] = field(default_factory=dict)

    def why_not(self, letter: Letter) -> str | None:
        """None: it may go. `not_meant`, or why it is left out: `erased`, `cut`, `masked`, `behind <letter>`."""
        line = (letter.topic, letter.partition, letter.key)
        why = None
        if self.erased(letter):  # nothing waits for it: it never goes
            return "erased" if self.wanted.means(letter) else "not_meant"
        if not self.wanted.means(letter):
            why = "not_meant"
        elif letter.damage == "cut" or (letter.damage == "masked" and not self.force):
            why = letter.damage
        elif line in self._held and not self.out_of_order:
            why = f"behind {self._held[line]}"
        if why is not None:
            self._held.setdefault(line, letter.id)
        return why


def parse_id(text: str, topics: Sequence[str]) -> tuple[str, int, int]:
    """`topic/partition/offset` taken apart; `Refused` where it is none."""
    topic, _, rest = text.partition("/")
    partition, _, offset = rest.partition("/")
    name = topic.removesuffix(SUFFIX)
    if name not in topics or not partition.isdecimal() or not offset.isdecimal():
        raise Refused(f"{text}: not the id of a dead letter; they look like {topics[0]}/3/17")
    return name, int(partition), int(offset)
