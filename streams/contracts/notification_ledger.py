"""`notification.ledger`: what the customer has been told, and which session is closed.

Keys: `tenant|conversation_id|notification_id|step|intent`, `…|step|outcome` and `…|notification_id|deferred`.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from streams.contracts.base import SCHEMA_VERSION, Contract, Moment, PlatformId, TenantId

Step = Literal["reply", "email", "pause", "close"]
StepResult = Literal["done", "found", "unknown", "skipped", "refused"]


class StepEntry(Contract):
    """The fields both entries share."""

    schema_version: int = SCHEMA_VERSION
    tenant: TenantId
    conversation_id: PlatformId
    escalation_id: str
    notification_id: str
    step: Step
    recorded_at: Moment


class StepIntent(StepEntry):
    """About to be done. Tombstoned when nothing was done after all."""

    kind: Literal["intent"] = "intent"
    attempt: Annotated[int, Field(ge=1, description="raised by every attempt that may have arrived")] = 1
    text: Annotated[str | None, Field(description="the very words, so that they are found again and repeated")] = None


class StepOutcome(StepEntry):
    """Done, or known not to be done. `unknown`: sent at most once, and nobody can look whether it arrived."""

    kind: Literal["outcome"] = "outcome"
    result: StepResult
    cause: Annotated[str | None, Field(description="a slug: why it was skipped, refused or stayed unknown")] = None
    channel: str | None = None
    asked_for_address: Annotated[bool, Field(description="these words asked the customer for an e-mail address")] = (
        False
    )


class Deferred(Contract):
    """A notification whose channel is away: it waits here, and no offset waits for it. Tombstoned when done."""

    kind: Literal["deferred"] = "deferred"
    schema_version: int = SCHEMA_VERSION
    tenant: TenantId
    conversation_id: PlatformId
    escalation_id: str
    notification_id: str
    first_tried_at: Annotated[Moment, Field(description="when it was first given up for a while")]
    offset: Annotated[int, Field(ge=0, description="of the notification's record: a conversation's news keep order")]
    reason: Annotated[str, Field(description="a slug: what kept the customer from being told")]
    value: Annotated[str, Field(description="the notification as it stood on its topic")]
    headers: Annotated[tuple[tuple[str, str], ...], Field(description="the record's own headers")] = ()


AnyStep = StepIntent | StepOutcome | Deferred
STEP: TypeAdapter[AnyStep] = TypeAdapter(Annotated[AnyStep, Field(discriminator="kind")])
