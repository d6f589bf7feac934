"""Conversations in the background, and what each of them must lead to whatever happens meanwhile."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from tests.chaos.cluster import Cluster
from tests.chaos.setting import PLATFORMS, TENANTS

KINDS = (
    "request",
    "request",
    "request",
    "appends",
    "appends",
    "appends",
    "confidence",
    "silence",
    "resolved",
    "chatty",
)
_TOPICS = ("my parcel 88231", "invoice 5521", "the login page", "my lamp", "the export", "a refund", "my contract")


@dataclass(frozen=True)
class Talk:
    """One conversation. `escalates`: a ticket must come of it; None: that depends on how late its turns arrive."""

    conversation_id: str
    tenant: str
    platform: str
    kind: str
    schedule: int
    escalates: bool | None

    def as_json(self) -> dict[str, Any]:
        """For the run's folder."""
        return asdict(self)


@dataclass(frozen=True)
class Turn:
    """One step, and how long after the one before."""

    after_seconds: float
    step: dict[str, Any]
    again: bool = False


def make_talk(
    random: Random, number: int, schedule: int, *, kind: str | None = None, tenant: str | None = None
) -> Talk:
    """The `number`-th conversation of a run."""
    kind = kind or random.choice(KINDS)
    tenant = tenant or random.choice(TENANTS)
    if kind == "silence":
        tenant = "birch"
    platform = "custom-llm" if kind in {"confidence", "silence", "chatty"} else random.choice(PLATFORMS)
    name = f"2154{number:011d}" if platform == "intercom" else f"c-{schedule:04d}-{number:06d}"
    return Talk(name, tenant, platform, kind, schedule, None if kind == "resolved" else True)


def turns_of(talk: Talk, random: Random) -> Iterator[Turn]:
    """What is said in it. Every text is its own, so that it is found again wherever it went."""
    number = talk.conversation_id
    who = {
        "id": f"user-{number}",
        "external_id": f"user-{number}",
        "name": f"Customer {number[-6:]}",
        "email": f"customer-{number}@example.com",
    }

    def gap() -> float:
        return random.uniform(0.05, 0.5)

    def says(author: str, text: str, **more: Any) -> dict[str, Any]:
        return {"say": {"author": author, "text": f"{text} [{number}]"} | more}

    topic = random.choice(_TOPICS)
    yield Turn(0.0, says("customer", f"A question about {topic}.") | {"customer": who}, again=random.random() < 0.15)
    if talk.kind == "resolved":
        yield Turn(gap(), says("ai", "It is in the settings.", confidence=0.95))
        yield Turn(gap(), {"verdict": "resolved", "end": "customer"})
        return
    if talk.kind == "confidence":
        yield Turn(gap(), says("ai", "I believe so, perhaps.", confidence=0.2))
        yield Turn(gap(), says("customer", "Are you sure about that?"))
        yield Turn(gap(), says("ai", "I could not find anything.", confidence=0.3))
        return
    if talk.kind == "silence":
        yield Turn(gap(), says("ai", "I could not find anything about it.", confidence=0.4))
        return
    if talk.kind == "chatty":
        yield from _chatty(says, gap)
        return
    yield Turn(gap(), says("ai", "Please have a look at our help pages.", confidence=0.8))
    yield Turn(gap(), says("customer", "I want to talk to a human."), again=random.random() < 0.25)
    for addition in range(random.randint(1, 4) if talk.kind == "appends" else 0):
        yield Turn(random.uniform(0.05, 1.5), says("customer", f"One more thing, number {addition}."))


def _chatty(says: Callable[..., dict[str, Any]], gap: Callable[[], float]) -> Iterator[Turn]:
    """Long enough to be `too_many_turns`: a turn that is lost or counted twice moves the escalation."""
    words = ("red", "oak", "salt", "rain", "seven", "glass", "north", "paper", "iron", "moon")
    for number, word in enumerate(words):
        yield Turn(gap(), says("ai", f"Let us look at {word} then, step {number}.", confidence=0.9))
        yield Turn(gap(), says("customer", f"The {word} part is {'fine' if number % 2 else 'done'}, what next?"))


class Load:
    """Starts conversations at a rate until it is told to stop."""

    def __init__(self, cluster: Cluster, random: Random, *, per_second: float) -> None:
        """`random`: of this load alone, so that the schedule's own choices stay the same."""
        self._cluster = cluster
        self._random = random
        self._per_second = per_second
        self._talking: set[asyncio.Task[None]] = set()
        self._starter: asyncio.Task[None] | None = None
        self.talks: list[Talk] = []
        self.schedule = 0
        self.failures: list[str] = []

    def start(self) -> None:
        """Begin."""
        self._starter = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Begin no more, and let those under way end."""
        if self._starter is not None:
            self._starter.cancel()
            await asyncio.gather(self._starter, return_exceptions=True)
        await asyncio.gather(*self._talking, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self.begin()
            await asyncio.sleep(self._random.expovariate(self._per_second))

    def begin(self, *, kind: str | None = None, tenant: str | None = None) -> Talk:
        """One more conversation, now."""
        talk = make_talk(self._random, len(self.talks), self.schedule, kind=kind, tenant=tenant)
        self.talks.append(talk)
        task = asyncio.create_task(self._play(talk, Random(self._random.random())))
        self._talking.add(task)
        task.add_done_callback(self._talking.discard)
        return talk

    async def _play(self, talk: Talk, random: Random) -> None:
        path = f"/_chat/{talk.platform}/{talk.tenant}/{talk.conversation_id}"
        try:
            for turn in turns_of(talk, random):
                await asyncio.sleep(turn.after_seconds)
                answer = await self._cluster.ask("POST", path, turn.step, over="chat")
                if turn.again:
                    for webhook in answer["webhooks"]:
                        await self._cluster.ask("POST", f"/_webhooks/{webhook}/again", {})
        except Exception as error:  # noqa: BLE001 # told at the end: a load that fails proves nothing
            self.failures.append(f"{talk.conversation_id}: {type(error).__name__}: {error}")
