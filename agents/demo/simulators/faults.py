"""Faults on purpose: which request they meet, and what happens to it.

The list and how often each has fired live in the store, so that a killed simulator comes back with the same plan.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from agents.demo.simulators.store import Json, Store

Kind = Literal[
    "commit_then_timeout",
    "commit_then_reset",
    "commit_then_hold",
    "reset_before_commit",
    "status",
    "slow",
    "html_200",
    "truncated_body",
    "empty",
    "lookup_lag",
    "wrong_id",
]
_COMMITS_UNLESS_SAID = {"truncated_body", "empty"}
_ALWAYS_COMMITS = {"commit_then_timeout", "commit_then_reset", "commit_then_hold", "slow", "lookup_lag", "wrong_id"}


class Fault(BaseModel):
    """One fault. It meets requests whose operation, account and body match, and fires at the `nth`, or the `next` k.

    status: answers `status` with a body of the kind `body`, `Retry-After` where given. slow, lookup_lag: `seconds`.
    commit_then_hold: has its effect, then waits until released. `commits` says for status, html_200, truncated_body
    and empty whether the request has its effect all the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    operation: str = Field(default="*", description="name or pattern, such as `zendesk.create_ticket`, `zendesk.*`")
    account: str | None = None
    contains: str | None = Field(default=None, description="only requests whose body contains this text")
    nth: int | None = Field(default=None, ge=1)
    next: int = Field(default=1, ge=1)
    status: int = Field(default=503, ge=400, le=599)
    body: Literal["json", "html", "text", "empty"] = "json"
    details: Json | None = Field(default=None, description="the JSON body to answer, instead of a usual one")
    retry_after_seconds: int | None = Field(default=None, ge=0)
    seconds: float = Field(default=5.0, ge=0, le=3600)
    commits: bool | None = None

    @model_validator(mode="after")
    def _commits_where_it_must(self) -> "Fault":
        if self.kind in _ALWAYS_COMMITS and self.commits is False:
            raise ValueError(f"{self.kind} always has its effect")
        if self.kind == "reset_before_commit" and self.commits:
            raise ValueError("reset_before_commit never has its effect")
        return self

    @property
    def has_effect(self) -> bool:
        """Whether the request it meets is carried out."""
        if self.commits is not None:
            return self.commits
        return self.kind in _ALWAYS_COMMITS | _COMMITS_UNLESS_SAID

    def meets(self, operation: str, account: str, body: bytes) -> bool:
        """Whether it is about this request at all."""
        return (
            fnmatchcase(operation, self.operation)
            and self.account in (None, account)
            and (self.contains is None or self.contains.encode() in body)
        )

    def fires(self, *, seen: int, fired: int) -> bool:
        """Whether it fires at the `seen`-th request it meets, counted from 1, having fired so often before."""
        return seen == self.nth if self.nth is not None else fired < self.next


@dataclass(frozen=True)
class Planned:
    """A fault in the plan, and what became of it."""

    id: int
    fault: Fault
    seen: int
    fired: int


class FaultPlan:
    """The faults of all simulators."""

    def __init__(self, store: Store) -> None:
        """The plan is what stands in `store`."""
        self._store = store

    def add(self, fault: Fault) -> int:
        """Plan a fault; its id."""
        return self._store.run("INSERT INTO faults (doc) VALUES (?)", fault.model_dump_json())

    def clear(self) -> None:
        """Forget all."""
        self._store.run("DELETE FROM faults")

    def planned(self) -> list[Planned]:
        """In the order in which they were added."""
        return list(self._planned())

    def take(self, operation: str, account: str, body: bytes) -> Fault | None:
        """The fault for this request, counted. Of several the oldest wins, and the others' turn comes later.

        So two faults that each meet the `next` request meet one request after the other.
        """
        chosen: Fault | None = None
        for entry in self._planned():
            if not entry.fault.meets(operation, account, body):
                continue
            fires = chosen is None and entry.fault.fires(seen=entry.seen + 1, fired=entry.fired)
            chosen = entry.fault if fires else chosen
            self._store.run("UPDATE faults SET seen = seen + 1, fired = fired + ? WHERE id = ?", int(fires), entry.id)
        return chosen

    def _planned(self) -> Iterator[Planned]:
        for row in self._store.rows("SELECT * FROM faults ORDER BY id"):
            yield Planned(row["id"], Fault.model_validate(json.loads(row["doc"])), row["seen"], row["fired"])


@dataclass(frozen=True)
class Held:
    """A request that is committed and not yet answered."""

    request_id: int
    operation: str
    account: str
    released: asyncio.Event


class Holds:
    """Requests held between commit and answer, so that a process can be killed at that very moment."""

    def __init__(self) -> None:
        """Nothing is held."""
        self._held: dict[int, Held] = {}
        self._changed = asyncio.Condition()

    def now(self) -> list[Held]:
        """Those held at this moment, oldest first."""
        return list(self._held.values())

    async def wait(self, *, operation: str = "*", timeout_seconds: float) -> list[Held]:
        """Those held that match, as soon as there is one; empty when the time is over."""

        def matching() -> list[Held]:
            return [held for held in self.now() if fnmatchcase(held.operation, operation)]

        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(lambda: bool(matching())), timeout_seconds)
            except TimeoutError:
                return []
            return matching()

    def release(self, request_id: int | None = None) -> int:
        """Let one, or all, be answered; how many there were."""
        chosen = [held for held in self.now() if request_id in (None, held.request_id)]
        for held in chosen:
            held.released.set()
        return len(chosen)

    async def enter(self, request_id: int, operation: str, account: str) -> Held:
        """Announce a held request."""
        held = Held(request_id, operation, account, asyncio.Event())
        async with self._changed:
            self._held[request_id] = held
            self._changed.notify_all()
        return held

    def leave(self, held: Held) -> None:
        """It was answered, or the caller has gone."""
        self._held.pop(held.request_id, None)
