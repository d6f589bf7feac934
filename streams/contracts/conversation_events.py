"""`conversation.events`: what happened in a conversation, told in the past tense.

Platform teams may produce these records directly: key `tenant|conversation_id` in UTF-8, body one of the
models below as JSON, partitioner `murmur2_random`, CloudEvents headers in binary mode.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from streams.contracts.base import (
    SCHEMA_VERSION,
    Contract,
    EventId,
    Moment,
    PlatformId,
    Ratio,
    Scalar,
    TenantId,
)
from streams.contracts.people import Attachment, Author, Customer, Route


class ConversationEvent(Contract):
    """The fields all kinds share."""

    schema_version: int = SCHEMA_VERSION
    event_id: EventId
    tenant: TenantId
    conversation_id: PlatformId
    platform: Annotated[str, Field(description="the adapter that understood the body; `direct` for producers")] = (
        "direct"
    )
    occurred_at: Moment
    untimed: Annotated[
        bool, Field(description="no time was given: `occurred_at` only keeps the order, time windows skip it")
    ] = False
    channel: Annotated[str | None, Field(examples=["web", "email", "whatsapp"])] = None
    locale: Annotated[str | None, Field(description="BCP 47", examples=["en", "de-AT"])] = None
    customer: Customer | None = None
    attributes: dict[str, Scalar] = Field(
        default_factory=dict, description="structured data learnt so far: order number, account id, plan"
    )
    tags: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    route: Route | None = None
    repeats: Annotated[
        bool,
        Field(description="came in a body that repeats its whole session: ids are remembered for longer"),
    ] = False
    redactions: dict[str, int] = Field(default_factory=dict, description="what was masked or removed, counted by kind")
    test: Annotated[bool, Field(description="this conversation must touch nobody")] = False


class Message(ConversationEvent):
    """One turn. `text` is plain text already; `original_format` names what it was."""

    kind: Literal["message"] = "message"
    author: Author
    author_name: str | None = None
    text: str
    original_format: Literal["plain", "markdown", "html"] = "plain"
    confidence: Annotated[Ratio | None, Field(description="of the AI's answer, where the platform says")] = None
    intent: str | None = None
    automatic: Annotated[bool, Field(description="an autoresponder wrote it, or it looks like one")] = False
    automatic_reason: str | None = None


class HumanRequested(ConversationEvent):
    """The platform itself says that the customer asked for a person: a button, a reason code, a flag."""

    kind: Literal["human_requested"] = "human_requested"
    how: Annotated[str, Field(description="`button`, `flag`, `reason_code`, or the platform's own word")] = "flag"
    automatic: bool = False
    intent: str | None = None


class AiOutcome(ConversationEvent):
    """The platform's own verdict. Known outcomes: escalated, unresolved, resolved, assumed_resolved, abandoned."""

    kind: Literal["ai_outcome"] = "ai_outcome"
    outcome: Annotated[str, Field(description="an unknown value survives as text and decides nothing")]
    reason: str | None = None
    intent: str | None = None
    confidence: Ratio | None = None
    automatic: bool = False


class Identified(ConversationEvent):
    """Identity or structured data was learnt; the news is in `customer` and `attributes`."""

    kind: Literal["identified"] = "identified"
    merged_conversation_id: Annotated[
        PlatformId | None, Field(description="a conversation that this one has taken in")
    ] = None


class ControlChanged(ConversationEvent):
    """Somebody else now holds the conversation."""

    kind: Literal["control_changed"] = "control_changed"
    holder: Annotated[str, Field(description="`human` or `ai`; anything else decides nothing")]
    ticket_id: Annotated[str | None, Field(description="the helpdesk ticket that came of it, if told")] = None


class Rated(ConversationEvent):
    """The customer rated the conversation."""

    kind: Literal["rated"] = "rated"
    rating: Annotated[int, Field(ge=1, le=5)]
    remark: str | None = None


class Ended(ConversationEvent):
    """The session is over. `by`: customer, ai, human, system."""

    kind: Literal["ended"] = "ended"
    by: str = "system"
    reason: str | None = None


class Tick(ConversationEvent):
    """Time has passed for a silent conversation. Written by escalation alone; refused by the gateway."""

    kind: Literal["tick"] = "tick"
    episode: EventId
    due_at: Moment


class Erased(ConversationEvent):
    """All that is remembered of the conversation goes. Written by `handoff erase` alone; refused by the gateway."""

    kind: Literal["erased"] = "erased"


AnyEvent = Message | HumanRequested | AiOutcome | Identified | ControlChanged | Rated | Ended | Tick | Erased
Event = Annotated[AnyEvent, Field(discriminator="kind")]
EVENT: TypeAdapter[AnyEvent] = TypeAdapter(Event)

OUTCOMES = ("escalated", "unresolved", "resolved", "assumed_resolved", "abandoned")
