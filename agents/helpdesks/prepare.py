"""A body as the bytes that will be sent, and the marker that finds a comment of ours again. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from streams.contracts.escalation_ledger import PreparedRequest

MARKER_KEY = "handoff_action_id"
"""The key of the action id in Zendesk's audit metadata."""


def reference(action_id: str) -> str:
    """The line at the foot of a comment by which it is found again."""
    return f"Handoff reference: {action_id}"


def json_request(
    method: str, path: str, body: Mapping[str, Any], *, idempotency_key: str | None = None
) -> PreparedRequest:
    """The request with `body` as compact JSON in the order given: equal bodies, equal bytes."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return PreparedRequest(method=method, path=path, body=text, idempotency_key=idempotency_key)
