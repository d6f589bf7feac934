"""The signature of a Zendesk webhook: base64 of HMAC-SHA256 over timestamp and body, nothing between them.

https://developer.zendesk.com/documentation/webhooks/verifying/. The vendor documents no window for the time;
retries come within minutes, so a quarter of an hour is as good as new.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from pydantic import SecretStr

from agents.platforms.port import Delivery, Unauthorized
from agents.platforms.signatures import check_base64, header

TOLERANCE_SECONDS = 900


def check_signature(delivery: Delivery, secrets: Sequence[SecretStr], *, tolerance_seconds: float) -> None:
    """Return for a genuine and recent delivery; the time counts only once the signature over it is proven."""
    given = header(delivery.headers, "x-zendesk-webhook-signature")
    timestamp = header(delivery.headers, "x-zendesk-webhook-signature-timestamp")
    signed = timestamp.encode("utf-8", "surrogateescape") + delivery.body
    check_base64(signed, given, secrets)
    signed_at = _parsed(timestamp)
    if signed_at is None or abs((delivery.received_at - signed_at).total_seconds()) > tolerance_seconds:
        raise Unauthorized("stale_timestamp")


def _parsed(timestamp: str) -> datetime | None:
    """ISO 8601 in UTC, as every request seen so far has it."""
    try:
        parsed = datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
