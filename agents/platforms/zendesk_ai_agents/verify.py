"""Who calls the converse webhook. The vendor's template has no scheme, so a shared secret in a header is ours.

Configure the webhook (or the proxy in front of it) to send one of `Authorization: Bearer <secret>`,
`Authorization: <secret>`, `Authorization: Basic <base64 of the secret, user:password>`, `X-API-Key: <secret>` or
`API-Key: <secret>`; these are the forms that the vendor's own integration calls support.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from agents.platforms.port import Unauthorized
from agents.platforms.signatures import check_shared

_PLAIN_HEADERS = ("x-api-key", "api-key", "apikey", "x-api-token")


def check_headers(headers: Mapping[str, str], secrets: Sequence[SecretStr]) -> None:
    """Return when one of the headers carries one of the secrets, else `Unauthorized`."""
    offered = [value for name in _PLAIN_HEADERS if (value := headers.get(name, "").strip())]
    offered += _from_authorization(headers.get("authorization", "").strip())
    if not offered:
        raise Unauthorized("missing_signature")
    if not any([_proves(value, secrets) for value in offered]):  # noqa: C419 all are compared, whichever fits
        raise Unauthorized("bad_signature")


def _proves(value: str, secrets: Sequence[SecretStr]) -> bool:
    try:
        check_shared(value, secrets)
    except Unauthorized:
        return False
    return True


def _from_authorization(value: str) -> list[str]:
    scheme, _, rest = value.partition(" ")
    if not rest.strip():
        return [value] if value else []
    if scheme.lower() != "basic":
        return [rest.strip()]
    try:
        return [base64.b64decode(rest.strip(), validate=True).decode()]
    except (ValueError, binascii.Error):
        return [rest.strip()]
