"""What a tenant may set for its Intercom workspace."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.platforms.polling import PollOptions

API_HOSTS = {
    "us": "https://api.intercom.io",
    "eu": "https://api.eu.intercom.io",
    "au": "https://api.au.intercom.io",
}
APP_HOSTS = {
    "us": "https://app.intercom.com",
    "eu": "https://app.eu.intercom.com",
    "au": "https://app.au.intercom.com",
}


class IntercomOptions(BaseModel):
    """`tenants.<id>.platforms.intercom.options`."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)

    app_id: Annotated[str | None, Field(description="the workspace; notifications of any other one are ignored")] = None
    region: Annotated[Literal["us", "eu", "au"], Field(description="where the workspace is hosted")] = "us"
    base_url: Annotated[str | None, Field(description="in place of the region's host; for tests")] = None
    admin_id: Annotated[
        str | None,
        Field(description="the teammate we write as, one of our own ids; without it GET /me is asked"),
    ] = None
    handover: Annotated[
        Literal["close", "assign"], Field(description="how a session ends: closed, or assigned to `team_id`")
    ] = "close"
    team_id: Annotated[str | None, Field(description="the team that takes over, with `handover: assign`")] = None
    ai_assignee_ids: Annotated[
        tuple[str, ...],
        Field(description="admins and teams that stand for the AI: being assigned to them hands nothing over"),
    ] = ()
    human_button_uuids: Annotated[
        tuple[str, ...], Field(description="quick replies that ask for a person, beside those whose label does")
    ] = ()
    body_format: Annotated[
        Literal["plain", "html"] | None,
        Field(description="of webhook bodies: plain from API version 2.15 on; absent: detected"),
    ] = None
    poll: Annotated[PollOptions, Field(description="asking for what its notifications never told")] = PollOptions()


def options_of(options: Mapping[str, Any]) -> IntercomOptions:
    """The options, with their defaults."""
    return IntercomOptions.model_validate(dict(options))
