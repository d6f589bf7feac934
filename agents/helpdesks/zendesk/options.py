"""What a tenant may set for its Zendesk: `tenants.<id>.helpdesk.options`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.helpdesks.port import Account


class FieldIds(BaseModel):
    """Ids of custom ticket fields that we fill in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    escalation_id: int | None = None
    conversation: int | None = None
    reason: int | None = None
    intent: int | None = None
    platform: int | None = None
    attributes: Annotated[
        dict[str, int], Field(description="attribute name to field id: order number, account id")
    ] = {}


class ZendeskOptions(BaseModel):
    """All optional. Credentials are in `tokens`: `client_id` and `client_secret`, or `email` and `api_token`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brand_id: int | None = None
    ticket_form_id: int | None = None
    fields: Annotated[FieldIds, Field(default_factory=FieldIds)]  # a default would be copied, deeply, for every call
    oauth_scope: str = "read write"
    token_seconds: Annotated[int, Field(gt=300, lt=172_800, description="how long a minted token is asked to live")] = (
        3600
    )
    public_line: Annotated[
        str, Field(description="the public first comment where the customer wrote nothing", max_length=500)
    ] = "A conversation from our chat."

    @classmethod
    def of(cls, account: Account) -> "ZendeskOptions":
        """The account's options; a `ValidationError` where they are wrong (checked when the configuration is read)."""
        return cls.model_validate(dict(account.options))
