"""Requests to the Sunshine Conversations API v2.

Base `https://<subdomain>.zendesk.com/sc`; Basic authentication with a key's id and secret, or an OAuth bearer
(https://developer.zendesk.com/api-reference/conversations/#section/Introduction).
"""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from agents.outbound import HttpRequest
from agents.platforms.port import Address, Connection, Unsupported
from agents.platforms.zendesk_sunco.options import SuncoOptions, options_of

CALL_TIMEOUT_SECONDS = 8.0


def conversation_path(address: Address, *more: str) -> str:
    """`/v2/apps/{app}/conversations/{conversation}` and what follows; `Unsupported` where no app is known."""
    app_id = address.route.app_id or options_of(address.connection).app_id
    if not app_id:
        raise Unsupported("no_app_id")
    parts = ("v2", "apps", app_id, "conversations", address.conversation_id, *more)
    return "/" + "/".join(quote(part, safe="") for part in parts)


def get(connection: Connection, path: str, query: Mapping[str, str] | None = None) -> HttpRequest:
    """A read."""
    tail = f"?{urlencode(query)}" if query else ""
    return with_credentials(connection, "GET", path + tail, None)


def post(connection: Connection, path: str, body: Mapping[str, Any]) -> HttpRequest:
    """A write; equal bodies are equal bytes."""
    return with_credentials(
        connection, "POST", path, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    )


def with_credentials(connection: Connection, method: str, path: str, body: bytes | None) -> HttpRequest:
    """The request as it goes out."""
    headers = {"authorization": _authorization(connection), "accept": "application/json"}
    if body is not None:
        headers["content-type"] = "application/json"
    url = _base_url(options_of(connection)) + path
    return HttpRequest(method, url, headers=headers, body=body, timeout_seconds=CALL_TIMEOUT_SECONDS)


def _base_url(options: SuncoOptions) -> str:
    if options.base_url:
        return options.base_url.rstrip("/")
    if options.subdomain:
        return f"https://{options.subdomain}.zendesk.com/sc"
    raise Unsupported("no_base_url")


def _authorization(connection: Connection) -> str:
    bearer = _token(connection, "access_token")
    if bearer:
        return f"Bearer {bearer}"
    key_id, key_secret = _token(connection, "key_id"), _token(connection, "key_secret")
    if not key_id or not key_secret:
        raise Unsupported("no_credentials")
    return "Basic " + base64.b64encode(f"{key_id}:{key_secret}".encode()).decode()


def _token(connection: Connection, name: str) -> str:
    token = connection.tokens.get(name)
    return token.get_secret_value().strip() if token else ""
