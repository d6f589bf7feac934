"""Our own signed call to a customer's application: the reply and the close of platforms without an API.

The body is JSON, signed as Standard Webhooks says. `webhook-id` stays the same when a call is repeated, and
the receiver is asked to drop what it has seen, so that every call here is safe to repeat.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from agents.outbound import Http, HttpRequest
from agents.platforms.answers import send
from agents.platforms.port import Connection, Notice, Unsupported
from agents.platforms.signatures import sign_standard

TIMEOUT_SECONDS = 10.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def allowed(url: str, hosts: Collection[str]) -> bool:
    """Whether `url` may be called: https, no credentials in it, its host listed by name or as `*.domain`.

    A listed loopback host may be called over http; the outbound port decides whether loopback is open at all.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower().rstrip(".")
        _ = parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None or "\\" in url:
        return False
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        return False
    return any(_matches(host, entry.lower()) for entry in hosts)


def _matches(host: str, entry: str) -> bool:
    return host.endswith(entry[1:]) if entry.startswith("*.") else host == entry


def chosen_url(given: str | None, configured: str | None, hosts: Collection[str], conversation_id: str) -> str:
    """The address to call: the one of the conversation, else the configured one, whose host needs no listing.

    `{conversation_id}` in a configured address stands for the conversation, percent-encoded.
    """
    if given is not None:
        if not allowed(given, hosts):
            raise Unsupported("host_not_allowed")
        return given
    if configured is None:
        raise Unsupported("no_reply_url")
    return configured.replace("{conversation_id}", quote(conversation_id, safe=""))


def signing_secret(connection: Connection) -> SecretStr:
    """The token `reply_secret`; without one, the first secret of the connection signs both ways."""
    secret = connection.tokens.get("reply_secret")
    if secret is None and connection.secrets:
        secret = connection.secrets[0]
    if secret is None or not secret.get_secret_value().strip():
        raise Unsupported("no_signing_secret")
    return secret


def reply_payload(session_id: str, notice: Notice) -> dict[str, Any]:
    """What the application is told. `ticket.created` once there is a ticket, `handoff.accepted` before."""
    payload: dict[str, Any] = {
        "event": "ticket.created" if notice.ticket_id else "handoff.accepted",
        "session_id": session_id,
        "notification_id": notice.notification_id,
        "escalation_id": notice.escalation_id,
        "message": notice.text,
    }
    if notice.ticket_id:
        payload["ticket_id"] = notice.ticket_id
    if notice.waiting_minutes is not None:
        payload["expected_response"] = {"seconds": notice.waiting_minutes * 60}
    return payload


async def post_signed(
    http: Http, url: str, payload: Mapping[str, Any], *, secret: SecretStr, message_id: str, at: datetime
) -> None:
    """Deliver `payload`; a return means that the application answered 2xx."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    signature = sign_standard(secret, message_id=message_id, at=at, body=body)
    headers = {"content-type": "application/json", **signature}
    request = HttpRequest("POST", url, headers=headers, body=body, timeout_seconds=TIMEOUT_SECONDS)
    await send(http, request, repeatable=True)
