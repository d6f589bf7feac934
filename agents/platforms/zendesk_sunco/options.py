"""What a tenant may set for Zendesk Messaging."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.platforms.port import Connection

AGENT_WORKSPACE = "zd:agentWorkspace"
"""The type of the switchboard integration behind which Zendesk's own agents sit."""


class SuncoOptions(BaseModel):
    """`tenants.<id>.platforms.zendesk-sunco.options`.

    Credentials are in `tokens`: `key_id` and `key_secret` of a Conversations API key, or `access_token` for
    an OAuth bearer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    subdomain: Annotated[
        str | None, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="`acme` of acme.zendesk.com")
    ] = None
    base_url: Annotated[
        str | None, Field(description="instead of `https://<subdomain>.zendesk.com/sc`, without a trailing slash")
    ] = None
    app_id: Annotated[str | None, Field(description="used where the conversation's own app is not known")] = None
    display_name: Annotated[str | None, Field(max_length=200, description="whom the customer sees writing")] = None
    human_payloads: Annotated[
        tuple[str, ...], Field(description="payloads of buttons that ask for a person, besides those known anyway")
    ] = ()
    human_integrations: Annotated[
        frozenset[str], Field(description="further switchboard integrations, by type or name, with people behind them")
    ] = frozenset()
    agent_workspace: Annotated[str, Field(description="whom `passControl` names to hand over to people")] = (
        AGENT_WORKSPACE
    )
    handover: Annotated[
        Literal["ticketing", "none"],
        Field(description="`ticketing`: handing over opens the ticket; `none`: tickets are opened elsewhere"),
    ] = "ticketing"
    own_integration: Annotated[
        str | None,
        Field(description="with `handover: none`: our own switchboard integration, which keeps the AI quiet"),
    ] = None
    close: Annotated[
        Literal["hold", "release"],
        Field(description="with `handover: none`: keep control for good, or release it, so that the AI may answer"),
    ] = "hold"


def options_of(connection: Connection) -> SuncoOptions:
    """The connection's options, with their defaults."""
    return connection.options_as(SuncoOptions)
