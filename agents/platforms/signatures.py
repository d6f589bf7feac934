"""Proofs of origin over raw bytes: HMAC in its three dresses, a bare shared secret, Standard Webhooks.

Every check takes several secrets, so that one can be rotated without losing a delivery; a blank secret
proves nothing and is skipped. Each comparison takes constant time. Failures raise `Unauthorized`.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import SecretStr

from agents.platforms.port import Delivery, Unauthorized

Algorithm = Literal["sha1", "sha256"]

STANDARD_TOLERANCE_SECONDS = 300
"""How far `webhook-timestamp` may be from now, both ways
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)."""

_STANDARD_PREFIX = "whsec_"


def header(headers: Mapping[str, str], name: str) -> str:
    """The header `name` (lower case) without surrounding space, or `Unauthorized("missing_signature")`."""
    value = headers.get(name, "").strip()
    if not value:
        raise Unauthorized("missing_signature")
    return value


def check_hex(
    signed: bytes, given: str, secrets: Sequence[SecretStr], *, algorithm: Algorithm, prefix: str = ""
) -> None:
    """`given` is `prefix` and the hex HMAC of `signed` under one of `secrets`; case does not matter."""
    if not given.lower().startswith(prefix):
        raise Unauthorized("bad_signature")
    digest = given[len(prefix) :].strip().lower()
    _one_of(digest, [_mac(key, signed, algorithm).hex() for key in _keys(secrets)])


def check_base64(signed: bytes, given: str, secrets: Sequence[SecretStr]) -> None:
    """`given` is the base64 HMAC-SHA256 of `signed` under one of `secrets`."""
    _one_of(given, [_b64(_mac(key, signed, "sha256")) for key in _keys(secrets)])


def check_shared(given: str, secrets: Sequence[SecretStr]) -> None:
    """`given` is one of `secrets`: platforms that sign nothing send the secret itself."""
    _one_of(given, [key.decode() for key in _keys(secrets)])


def check_standard(delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
    """The delivery is signed as Standard Webhooks says, at most `STANDARD_TOLERANCE_SECONDS` ago.

    `webhook-signature` may carry several signatures; those of another version than `v1` are passed over.
    """
    message_id = header(delivery.headers, "webhook-id")
    timestamp = header(delivery.headers, "webhook-timestamp")
    given = header(delivery.headers, "webhook-signature").split()
    _fresh(timestamp, delivery.received_at)
    signed = f"{message_id}.{timestamp}.".encode("utf-8", "surrogateescape") + delivery.body
    expected = [_b64(_mac(_standard_key(key), signed, "sha256")).encode() for key in _keys(secrets)]
    offered = [part[3:].encode("utf-8", "surrogateescape") for part in given if part.startswith("v1,")]
    if not any([hmac.compare_digest(one, want) for one in offered for want in expected]):  # noqa: C419 all are compared
        raise Unauthorized("bad_signature")


def sign_standard(secret: SecretStr, *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three Standard Webhooks headers for `body`. `message_id` is the receiver's idempotency key."""
    timestamp = str(int(at.timestamp()))
    signed = f"{message_id}.{timestamp}.".encode() + body
    mac = _mac(_standard_key(secret.get_secret_value().encode()), signed, "sha256")
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{_b64(mac)}",
    }


def _fresh(timestamp: str, now: datetime) -> None:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Unauthorized("bad_signature")
    if abs(now.timestamp() - int(timestamp)) > STANDARD_TOLERANCE_SECONDS:
        raise Unauthorized("stale_timestamp")


def _standard_key(secret: bytes) -> bytes:
    """The key bytes: base64 after `whsec_`; a secret in another form is taken as it stands."""
    text = secret.decode()
    encoded = text.removeprefix(_STANDARD_PREFIX)
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return secret


def _keys(secrets: Sequence[SecretStr]) -> list[bytes]:
    return [value.encode() for secret in secrets if (value := secret.get_secret_value().strip())]


def _mac(key: bytes, signed: bytes, algorithm: Algorithm) -> bytes:
    return hmac.digest(key, signed, algorithm)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _one_of(given: str, expected: Sequence[str]) -> None:
    if not any([_equal(given, want) for want in expected]):  # noqa: C419 all are compared, whichever fits
        raise Unauthorized("bad_signature")


def _equal(given: str, want: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogateescape"), want.encode())
