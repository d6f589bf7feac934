"""The pure half of `fin-agent-api`."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from agents.platforms.fin_agent_api.normalise import normalize
from agents.platforms.fin_agent_api.options import FinOptions
from agents.platforms.port import Connection, Delivery, Normalized, StatusCodes, Unauthorized
from agents.platforms.signatures import check_hex, header

SIGNATURE = "x-fin-agent-api-webhook-signature"
HUB_SIGNATURE = "x-hub-signature"


class FinInbound:
    """Signed with the secret made when the callback address is saved, SHA-256 over the raw body.

    Seen in use: the address is probed with HEAD, and the settings page's test POST is signed as an ordinary
    Intercom webhook, with the client secret, and names no event. With that secret among `secrets` it passes.
    """

    name = "fin-agent-api"
    codes = StatusCodes(retry_later=503, too_many=503)
    probes_with_head = True
    options_model = FinOptions

    def verify(self, delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
        if SIGNATURE not in delivery.headers and HUB_SIGNATURE in delivery.headers:
            given = header(delivery.headers, HUB_SIGNATURE)
            check_hex(delivery.body, given, secrets, algorithm="sha1", prefix="sha1=")
            if _names_an_event(delivery.body):
                raise Unauthorized("bad_signature")
            return
        given = header(delivery.headers, SIGNATURE)
        check_hex(delivery.body, given, secrets, algorithm="sha256", prefix="sha256=")

    def normalize(self, delivery: Delivery, body: Any, connection: Connection) -> Normalized:
        return normalize(delivery, body, connection)


def _names_an_event(body: bytes) -> bool:
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return True
    return not isinstance(parsed, dict) or "event_name" in parsed
