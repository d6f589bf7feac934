"""A seeded stream of conversations, as records of `conversation.events`.

Turn counts, sizes and gaps are log-normal; some thousand conversations run at once and interleave by event time;
about one event in a hundred is the one that escalates: the third answer in a row with a low confidence.
The same seed and number of events give the same bytes on every machine.
"""

import heapq
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from tests.bench.sentences import ANSWERS, ASKS, LANGUAGES, OPENINGS

TENANT = "acme"
SEED = 20260706
START_MS = 1_783_328_400_000
"""2026-07-06 09:00 UTC: fixed, so that nothing depends on the day of the run."""

CONVERSATIONS_PER_SECOND = 14.0
ESCALATING_SHARE = 0.085
"""Of conversations; with the mean number of turns that is about 1 % of the events."""

_CHANNELS = ("web", "web", "web", "whatsapp", "email")


class Sent(NamedTuple):
    """One record: the timestamp is the event's time."""

    key: bytes
    value: bytes
    timestamp_ms: int


@dataclass(slots=True)
class _Talk:
    number: int
    language: str
    channel: str
    turns: int
    low_from: int | None
    told: int = 0
    used: set[str] = field(default_factory=set)


def stream(events: int, seed: int = SEED) -> Iterator[Sent]:
    """The first `events` records, in the order of their time."""
    rnd = random.Random(seed)
    talks: list[tuple[int, int, _Talk]] = []
    next_start_ms = float(START_MS)
    number = 0
    for _ in range(events):
        while not talks or next_start_ms <= talks[0][0]:
            heapq.heappush(talks, (int(next_start_ms), number, _new_talk(rnd, number)))
            number += 1
            next_start_ms += rnd.expovariate(CONVERSATIONS_PER_SECOND) * 1000
        at_ms, order, talk = heapq.heappop(talks)
        yield _record(rnd, talk, at_ms)
        talk.told += 1
        if talk.told < talk.turns:
            heapq.heappush(talks, (at_ms + _gap_ms(rnd, talk), order, talk))


def _new_talk(rnd: random.Random, number: int) -> _Talk:
    turns = min(60, max(2, round(rnd.lognormvariate(1.95, 0.55))))
    low_from = None
    if rnd.random() < ESCALATING_SHARE:
        turns = max(turns, 6)
        low_from = rnd.randrange(0, turns // 2 - 2) if turns // 2 > 2 else 0
    return _Talk(number, rnd.choice(LANGUAGES), rnd.choice(_CHANNELS), turns, low_from)


def _gap_ms(rnd: random.Random, talk: _Talk) -> int:
    """The AI answers within seconds, a customer takes a while."""
    seconds = rnd.lognormvariate(1.2, 0.5) if talk.told % 2 else rnd.lognormvariate(3.6, 0.7)
    return max(1, int(seconds * 1000))


def _record(rnd: random.Random, talk: _Talk, at_ms: int) -> Sent:
    conversation = f"conv-{talk.number:08d}"
    by_customer = talk.told % 2 == 0
    body: dict[str, object] = {
        "kind": "message",
        "schema_version": 1,
        "event_id": f"{conversation}-{talk.told:03d}",
        "tenant": TENANT,
        "conversation_id": conversation,
        "platform": "custom-llm",
        "occurred_at": datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds"),
        "channel": talk.channel,
        "locale": talk.language,
        "author": "customer" if by_customer else "ai",
        "text": _customer_text(rnd, talk) if by_customer else _answer_text(rnd, talk),
    }
    if talk.told == 0:
        body["customer"] = {"id": f"cust-{rnd.randrange(10**7)}", "name": "Kim Doe", "email": "kim.doe@example.com"}
    if not by_customer:
        body["confidence"] = _confidence(rnd, talk)
    key = f"{TENANT}|{conversation}".encode()
    return Sent(key, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), at_ms)


def _confidence(rnd: random.Random, talk: _Talk) -> float:
    answer = talk.told // 2
    low = talk.low_from is not None and talk.low_from <= answer < talk.low_from + 3
    return round(rnd.uniform(0.05, 0.3) if low else rnd.uniform(0.7, 0.99), 3)


def _fresh(rnd: random.Random, talk: _Talk, bank: tuple[str, ...]) -> str:
    """A sentence this conversation has not heard yet, while there is one: people seldom repeat themselves."""
    for _ in range(4):
        found = rnd.choice(bank)
        if found not in talk.used:
            break
    talk.used.add(found)
    return found.format(n=rnd.randrange(10_000, 99_999))


def _customer_text(rnd: random.Random, talk: _Talk) -> str:
    bank = OPENINGS[talk.language] if talk.told == 0 else ASKS[talk.language]
    sentences = 1 if rnd.random() < 0.7 else rnd.randrange(2, 4)
    return " ".join(_fresh(rnd, talk, bank) for _ in range(sentences))


def _answer_text(rnd: random.Random, talk: _Talk) -> str:
    sentences = min(9, max(1, round(rnd.lognormvariate(0.9, 0.6))))
    return " ".join(_fresh(rnd, talk, ANSWERS[talk.language]) for _ in range(sentences))
