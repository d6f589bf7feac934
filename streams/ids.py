"""Every id is derived from stable inputs, so that a replay produces the same ones.

Parts are joined with a unit separator (U+001F), which no id of any platform contains; escaping it
keeps two different tuples from ever giving one name.
"""

import hashlib
from functools import lru_cache
from uuid import UUID, uuid5

NAMESPACE = UUID("6f1f0a52-8b1e-5d0c-9a41-4d1f2b7c9e10")
"""The namespace of all ids of Handoff. Changing it changes every id: never."""

BUCKET_SECONDS = 60
"""How long two equal bodies without any id count as one delivery."""


def derive(*parts: str) -> str:
    """The uuid5 of `parts`: equal parts, equal id."""
    return str(uuid5(NAMESPACE, "\x1f".join(part.replace("\x1f", "\x1f\x1f") for part in parts)))


def conversation_key(tenant: str, conversation_id: str) -> str:
    """The record key of every topic that is keyed by conversation."""
    return f"{tenant}|{conversation_id}"


@lru_cache(maxsize=2_000)
def escalation_id(tenant: str, conversation_id: str, episode: str) -> str:
    """One per episode: an episode never escalates twice."""
    return derive("escalation", tenant, conversation_id, episode)


def action_id(escalation: str, action: str) -> str:
    """`action` is `open`, `minimal`, `note`, `file` + n, or `append` + event id."""
    return derive("action", escalation, action)


def notification_id(escalation: str, kind: str) -> str:
    """One per escalation and kind of news."""
    return derive("notification", escalation, kind)


def turn_event_id(tenant: str, session: str, role: str, text: str, occurrence: int) -> str:
    """The id of a turn without one of its own: the same turn in the next, longer body gets the same id."""
    return derive("turn", tenant, session, role, text, str(occurrence))


def body_event_id(tenant: str, body: bytes, received_at_seconds: float) -> str:
    """The id of a body that carries none: its hash, with a bucket of `BUCKET_SECONDS`."""
    bucket = int(received_at_seconds // BUCKET_SECONDS)
    return derive("body", tenant, hashlib.sha256(body).hexdigest(), str(bucket))
