"""`erasures`: which conversations' dead letters may not go back, without saying whose they were.

Key: HMAC-SHA-256, in hex, of `tenant|conversation_id` under the configuration's `erasure.key`.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from streams.contracts.base import SCHEMA_VERSION, Contract, Moment, TenantId


class Erasure(Contract):
    """What died of that conversation up to `erased_at` stays where it is."""

    kind: Literal["erasure"] = "erasure"
    schema_version: int = SCHEMA_VERSION
    tenant: TenantId
    erased_at: Moment
    key_id: Annotated[str, Field(description="tells which `erasure.key` made the record's key, and not the key itself")]


ERASURE: TypeAdapter[Erasure] = TypeAdapter(Erasure)
