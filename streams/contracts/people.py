"""Who is speaking, what they sent along, and how they can be answered."""

from typing import Annotated, Literal

from pydantic import Field

from streams.contracts.base import Contract, EventId, Moment, PlatformId, Ratio

Author = Literal["customer", "ai", "human", "system"]


class Customer(Contract):
    """What is known of the customer. Every field is optional: an anonymous visitor has an `id` at most."""

    id: Annotated[str | None, Field(description="the chat platform's own id")] = None
    external_id: Annotated[str | None, Field(description="the company's own id for this person")] = None
    helpdesk_id: Annotated[str | None, Field(description="the helpdesk's id, where the platform knows it")] = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    anonymous: bool = False

    def merged(self, newer: "Customer | None") -> "Customer":
        """A customer with everything `newer` knows; what it does not know is kept."""
        if newer is None:
            return self
        known = {name: value for name, value in newer.model_dump().items() if value is not None}
        known["anonymous"] = newer.anonymous and not (newer.email or newer.external_id)
        return Customer.model_validate(self.model_dump() | known)


class Attachment(Contract):
    """A file the customer or the AI sent. Fetched only from allowed hosts, never inlined."""

    url: str
    name: str | None = None
    media_type: str | None = None
    size_bytes: Annotated[int | None, Field(ge=0)] = None
    private: Annotated[bool, Field(description="needs the platform's credentials to be read")] = False


class Route(Contract):
    """How the platform is to be answered where its conversation id alone does not say so."""

    reply_url: str | None = None
    close_url: str | None = None
    app_id: Annotated[str | None, Field(description="Sunshine Conversations app, Intercom workspace")] = None
    user_id: str | None = None
    conversation_url: Annotated[str | None, Field(description="a link a person can open")] = None
    email_subject: str | None = None
    email_message_id: Annotated[str | None, Field(description="of the customer's own mail, for In-Reply-To")] = None


class Turn(Contract):
    """One turn of a conversation as a ticket shows it."""

    event_id: EventId
    occurred_at: Moment
    author: Author
    text: str
    author_name: str | None = None
    untimed: Annotated[bool, Field(description="the platform gave no time for this turn")] = False
    automatic: bool = False
    confidence: Ratio | None = None
    attachments: tuple[Attachment, ...] = ()


class Conversation(Contract):
    """The address of a conversation."""

    tenant: str
    conversation_id: PlatformId
    platform: str
