"""What a tenant may set for Zendesk AI agents Advanced."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.platforms.port import Connection


class AiAgentsOptions(BaseModel):
    """`tenants.<id>.platforms.zendesk-ai-agents-advanced.options`. The token `api_key` is the bot's API key."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    subdomain: Annotated[
        str | None, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="`acme` of acme.zendesk.com")
    ] = None
    base_url: Annotated[
        str | None,
        Field(description="instead of `https://<subdomain>.zendesk.com/ai-agents/api`, without a trailing slash"),
    ] = None
    widget: Annotated[
        bool, Field(description="the customer sits in the AI agents' chat widget; else in a chat of the company's own")
    ] = True
    agent_name: Annotated[str, Field(max_length=200, description="whom the widget names as connected")] = "Support"
    team_online: Annotated[bool, Field(description="the answer to `isTeamOnline`")] = True
    online_teams: Annotated[
        frozenset[str] | None, Field(description="the teams there are; none: every team, as `team_online` says")
    ] = None
    quiet_ends_session: Annotated[
        bool,
        Field(description="in the widget too, end the bot's session to keep it quiet, at the price of later messages"),
    ] = False


def options_of(connection: Connection) -> AiAgentsOptions:
    """The connection's options, with their defaults."""
    return connection.options_as(AiAgentsOptions)
