"""`conversation.outcomes`: how an episode ended. Facts only, so that deflection can be defined anew later."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from streams.contracts.base import SCHEMA_VERSION, Contract, EventId, Moment, PlatformId, TenantId


class EpisodeOutcome(Contract):
    """One per ended episode; what becomes known of it later is told once more, with a higher `revision`."""

    kind: Literal["episode_outcome"] = "episode_outcome"
    schema_version: int = SCHEMA_VERSION
    tenant: TenantId
    conversation_id: PlatformId
    platform: str
    episode: EventId
    outcome: Annotated[str, Field(description="resolved, assumed_resolved, abandoned, unresolved or escalated")]
    ended_by: str
    started_at: Moment
    ended_at: Moment
    customer_turns: Annotated[int, Field(ge=0)]
    ai_turns: Annotated[int, Field(ge=0)]
    human_turns: Annotated[int, Field(ge=0)]
    escalation_id: str | None = None
    reason: str | None = None
    mode: Literal["observe", "live"]
    policy: str
    intent: str | None = None
    rating: Annotated[int | None, Field(ge=1, le=5)] = None
    channel: str | None = None
    locale: str | None = None
    test: bool = False
    recorded: Annotated[
        tuple[str, ...], Field(description="reasons that held and, by the policy, were only recorded")
    ] = ()
    revision: Annotated[
        int, Field(ge=0, description="a rating or a verdict after the end raises it; the highest one stands")
    ] = 0


OUTCOME: TypeAdapter[EpisodeOutcome] = TypeAdapter(EpisodeOutcome)
