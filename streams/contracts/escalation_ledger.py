"""`escalation.ledger`: what ticketing is about to do at the helpdesk, and what came of it.

Keys: `tenant|conversation_id|escalation_id|action_id|intent` and
`tenant|conversation_id|escalation_id|action_id|outcome|ticket_id`.
An INTENT is written before the call and tombstoned after its OUTCOME. The OUTCOME with the lowest offset wins.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from streams.contracts.base import SCHEMA_VERSION, Contract, Moment, PlatformId, TenantId

MAX_REQUEST_BYTES = 512 * 1024
"""The rendered request is kept whole in its INTENT, up to this size; what is longer is cut before rendering."""


class PreparedRequest(Contract):
    """A request as it will be sent, byte for byte, without credentials."""

    method: str
    path: Annotated[str, Field(description="relative to the helpdesk's base URL")]
    body: Annotated[str, Field(description="the very text sent, UTF-8")]
    content_type: str = "application/json"
    idempotency_key: str | None = None


class LedgerEntry(Contract):
    """The fields both entries share."""

    schema_version: int = SCHEMA_VERSION
    tenant: TenantId
    conversation_id: PlatformId
    escalation_id: str
    action_id: str
    action: Annotated[
        str, Field(description="open, minimal, attach, note<n>, file<n>, append:<event id>, follow_up:<closed ticket>")
    ]
    carries: Annotated[str | None, Field(description="the event whose turn a follow-up ticket holds already")] = None


class Intent(LedgerEntry):
    """What is about to be sent."""

    kind: Literal["intent"] = "intent"
    helpdesk: str
    request: PreparedRequest
    written_at: Moment
    deadline_at: Annotated[Moment, Field(description="no attempt of this life may still be under way after this")]
    first_attempt_at: Moment | None = None
    attempt: Annotated[int, Field(ge=1, description="raised under a new key, after two empty look-ups")] = 1
    ticket_id: Annotated[str | None, Field(description="the ticket this action is about, unless it creates one")] = None
    requester_id: Annotated[str | None, Field(description="whose tickets a look-up has to list")] = None
    empty_look_up_at: Annotated[
        Moment | None, Field(description="the first of two empty look-ups that allow a new attempt")
    ] = None
    erased: Annotated[
        bool, Field(description="its person was erased while it was in doubt: no bytes are left, nothing is sent again")
    ] = False


class Outcome(LedgerEntry):
    """What came of it."""

    kind: Literal["outcome"] = "outcome"
    helpdesk: str
    ticket_id: str
    ticket_url: str | None = None
    result: Annotated[str, Field(description="created, found, handed_over, attached, followed_up, appended, skipped")]
    degraded: bool = False
    recorded_at: Moment


AnyLedgerEntry = Intent | Outcome
LEDGER: TypeAdapter[AnyLedgerEntry] = TypeAdapter(Annotated[AnyLedgerEntry, Field(discriminator="kind")])
