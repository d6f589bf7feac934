"""What a tenant may set for the Fin Agent API."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

API_HOSTS = {
    "us": "https://api.intercom.io",
    "eu": "https://api.eu.intercom.io",
    "au": "https://api.au.intercom.io",
}


class FinOptions(BaseModel):
    """`tenants.<id>.platforms.fin-agent-api.options`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channel: Annotated[str | None, Field(description="where the customer writes; Fin's webhook does not say")] = None
    reply_url: Annotated[
        str | None, Field(description="the company's own channel: it delivers what we tell the customer")
    ] = None
    allowed_hosts: tuple[str, ...] = ()
    close_with: Annotated[
        Literal["none", "escalate"],
        Field(description="`escalate`: POST /fin/escalate (API version Preview) ends Fin's session"),
    ] = "none"
    region: Literal["us", "eu", "au"] = "us"
    base_url: Annotated[str | None, Field(description="in place of the region's host; for tests")] = None


def options_of(options: Mapping[str, Any]) -> FinOptions:
    """The options, with their defaults."""
    return FinOptions.model_validate(dict(options))
