"""What a chat platform offers that can be asked what it has not told: a search for changes, and a snapshot."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from agents.outbound import Http
from agents.platforms.port import Connection, Normalized

MAX_LOOK_BACK_SECONDS = 86_400
"""Nobody is asked about more than a day: escalation remembers event ids for two."""


class PollOptions(BaseModel):
    """`options.poll` of a platform that can be polled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: Annotated[
        bool | None, Field(description="whether to ask for what was never told; absent: where there is a token for it")
    ] = None
    every_seconds: Annotated[float, Field(ge=1, le=3600, description="between two searches")] = 60.0
    overlap_seconds: Annotated[
        float,
        Field(ge=10, le=3600, description="each search begins so long before the end of the last: clocks and indexes"),
    ] = 300.0
    reread_after_seconds: Annotated[
        float, Field(ge=0, le=600, description="a conversation is read so long after its customer wrote; 0: never")
    ] = 8.0
    look_back_seconds: Annotated[
        float, Field(ge=0, le=MAX_LOOK_BACK_SECONDS, description="how far the first search after a start goes back")
    ] = 3600.0


@dataclass(frozen=True)
class Changed:
    """A conversation that changed, and when, where the search says so."""

    conversation_id: str
    updated_at: datetime | None


@dataclass(frozen=True)
class Allowance:
    """What a platform says is left of its rate limit, of how much, and when it is whole again."""

    remaining: int
    limit: int | None
    resets_at: datetime | None


class Pollable(Protocol):
    """The asking half of a platform. Its calls raise what `Outbound`'s raise, and `BadBody`."""

    def options(self, connection: Connection) -> PollOptions | None:
        """How this connection is polled; None: it is not."""
        ...

    def changed_since(
        self, http: Http, connection: Connection, since: datetime, until: datetime
    ) -> AsyncIterator[Changed]:
        """Every conversation changed between the two whole seconds, both exclusive, oldest change first."""
        ...

    async def read(self, http: Http, connection: Connection, conversation_id: str, now: datetime) -> Normalized:
        """All a conversation has to tell, under the event ids its webhooks have."""
        ...

    def allowance(self, headers: Mapping[str, str]) -> Allowance | None:
        """What an answer's headers (names in lower case) say of the rate limit."""
        ...
