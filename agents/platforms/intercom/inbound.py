"""The pure half of `intercom`."""

from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from agents.platforms.intercom.normalise import normalize
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.port import Connection, Delivery, Normalized, StatusCodes
from agents.platforms.signatures import check_hex, header


class IntercomInbound:
    """Signed with the app's client secret. Anything but 2xx is sent once more after a minute, then lost.

    410 would disable the subscription and 429 throttle it for up to two hours: neither is ever answered
    (https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models).
    """

    name = "intercom"
    codes = StatusCodes(retry_later=503, too_many=503)
    probes_with_head = True
    options_model = IntercomOptions

    def verify(self, delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
        given = header(delivery.headers, "x-hub-signature")
        check_hex(delivery.body, given, secrets, algorithm="sha1", prefix="sha1=")

    def normalize(self, delivery: Delivery, body: Any, connection: Connection) -> Normalized:
        return normalize(delivery, body, connection)
