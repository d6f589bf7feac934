"""`policy.versions`: every policy text that ever decided, keyed by the sha256 of the text."""

from typing import Literal

from pydantic import TypeAdapter

from streams.contracts.base import SCHEMA_VERSION, Contract


class PolicyVersion(Contract):
    """The text itself: with the log of events it recomputes every decision made under it."""

    kind: Literal["policy_version"] = "policy_version"
    schema_version: int = SCHEMA_VERSION
    sha256: str
    text: str


POLICY_VERSION: TypeAdapter[PolicyVersion] = TypeAdapter(PolicyVersion)
