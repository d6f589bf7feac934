"""A policy ready to decide with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """One tenant's policy, compiled once and read for every event."""

    tenant: str
