"""What a tenant may set for its Freshdesk: `tenants.<id>.helpdesk.options`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from agents.helpdesks.port import Account

FieldName = Annotated[str, Field(pattern=r"^cf_[a-z0-9_]{1,120}$")]


class FieldNames(BaseModel):
    """Names of custom ticket fields that we fill in, with their `cf_`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    escalation_id: Annotated[FieldName | None, Field(description="a text field: tickets are found again by it")] = None
    conversation: FieldName | None = None
    reason: FieldName | None = None
    intent: FieldName | None = None
    platform: FieldName | None = None
    attributes: Annotated[
        dict[str, FieldName], Field(description="attribute name to field: order number, account id")
    ] = {}


class FreshdeskOptions(BaseModel):
    """All optional. The credential is in `tokens`: `api_key`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    product_id: int | None = None
    email_config_id: int | None = None
    ticket_type: str | None = None
    fields: FieldNames = FieldNames()
    public_line: Annotated[
        str, Field(description="the description where it holds none of the customer's words", max_length=500)
    ] = "A conversation from our chat."

    @classmethod
    def of(cls, account: Account) -> "FreshdeskOptions":
        """The account's options; a `ValidationError` where they are wrong (checked when the configuration is read)."""
        return cls.model_validate(dict(account.options))
