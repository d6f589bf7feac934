"""What a tenant may set for its own application."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class CustomLlmOptions(BaseModel):
    """`tenants.<id>.platforms.custom-llm.options`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bodies: Annotated[
        Literal["session", "delta"],
        Field(description="`session`: each body repeats all turns so far; `delta`: it carries new turns alone"),
    ] = "session"
    allowed_hosts: Annotated[
        tuple[str, ...],
        Field(description="hosts that `reply_url` and `close_url` of a body may name; `*.domain` for any below"),
    ] = ()
    reply_url: Annotated[str | None, Field(description="used where a body names none")] = None
    close_url: Annotated[str | None, Field(description="used where a body names none")] = None
    channel: Annotated[str | None, Field(description="used where a body names none")] = None


def options_of(options: Mapping[str, Any]) -> CustomLlmOptions:
    """The options, with their defaults."""
    return CustomLlmOptions.model_validate(dict(options))
