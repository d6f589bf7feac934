"""What a tenant may set for Zendesk's event and trigger webhooks."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.platforms.port import Connection
from agents.platforms.zendesk_sunco.options import SuncoOptions


class ZendeskEventsOptions(BaseModel):
    """`tenants.<id>.platforms.zendesk-events.options`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    subdomain: Annotated[
        str | None, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="for links to the ticket")
    ] = None
    escalated_tags: Annotated[
        frozenset[str], Field(description="ticket tags in a trigger's body by which the AI says that it gave up")
    ] = frozenset({"ai_escalated"})
    sunshine: Annotated[
        SuncoOptions | None,
        Field(description="how to answer: the Conversations app whose messages these are; none: nothing is answered"),
    ] = None


def options_of(connection: Connection) -> ZendeskEventsOptions:
    """The connection's options, with their defaults."""
    return connection.options_as(ZendeskEventsOptions)
