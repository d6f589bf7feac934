"""What all contracts share: frozen models, tolerant of fields they do not know."""

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

SCHEMA_VERSION = 1
"""Raised only when a reader of the previous version could misread a record; new optional fields do not."""

JsonObject = dict[str, Any]
Scalar = str | int | float | bool | None


class Contract(BaseModel):
    """A value on the wire. Unknown fields are ignored, so that an older reader survives a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null", populate_by_name=True)


def _without_control(value: str) -> str:
    if value.isascii() and value.isprintable() and "|" not in value:  # nearly all of them
        return value
    if any(ord(char) < 0x20 or char == "|" for char in value):
        raise ValueError("holds a control character or '|'")
    return value


TenantId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""Lower case, digits, `_`, `-`: safe in a record key, a path, a metric label and a tag."""

PlatformId = Annotated[str, StringConstraints(min_length=1, max_length=512), AfterValidator(_without_control)]
"""An id a platform gave. It is part of record keys, hence no `|` and no control characters."""

EventId = Annotated[str, StringConstraints(min_length=1, max_length=512)]
Moment = Annotated[AwareDatetime, Field(description="RFC 3339, with an offset; written in UTC")]
Ratio = Annotated[float, Field(ge=0.0, le=1.0)]
