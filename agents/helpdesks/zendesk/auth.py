"""Zendesk credentials: OAuth client credentials, or an API token while those last.

API tokens end: none can be made after 2026-10-27 and all stop on 2027-04-30
(https://developer.zendesk.com/documentation/api-basics/authentication/oauth-migration/). OAuth tokens are minted
at `/oauth/tokens` and live `expires_in` seconds, 300 to 172,800; the grant has no refresh token
(https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/).
"""

import asyncio
import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.helpdesks.limits import retry_after_seconds
from agents.helpdesks.port import Account, HelpdeskUnavailable
from agents.helpdesks.wire import as_dict, as_text
from agents.helpdesks.zendesk.options import ZendeskOptions
from agents.outbound import Http, HttpRequest, HttpResponse, OutboundError
from streams.clock import Clock

EARLY_SECONDS = 60.0
"""A token this close to its end is not used any more: it could expire on the way."""

ASSUMED_SECONDS = 1800.0
"""The life of a token whose answer names none: Zendesk's default since 2026-04-30."""

MOST_SECONDS = 10 * 365 * 86_400
"""A life longer than this is a mistake, and so is no life that can be reckoned with."""

_SENDABLE = re.compile(r"[!-~]+")
"""What can stand in a header (RFC 6750 allows still less); anything else is no token."""

Headers = Mapping[str, str]


@dataclass(frozen=True)
class _Token:
    headers: Headers = field(repr=False)
    until: float


class Credentials:
    """Mints tokens and keeps them, by account and secret: a rotated secret gets a token of its own."""

    def __init__(self, clock: Clock) -> None:
        """`clock` tells when a token has aged."""
        self._clock = clock
        self._tokens: dict[str, _Token] = {}
        self._minting: dict[str, asyncio.Lock] = {}

    async def headers(self, http: Http, account: Account, rejected: Headers | None = None) -> Headers:
        """The headers that authenticate; never those in `rejected`, unless there are no others.

        Raises `HelpdeskUnavailable`; a token request that timed out is no ambiguous write, so that is one too.
        """
        legacy = _basic(account)
        if legacy is not None:
            return legacy
        key = _cache_key(account)
        async with self._minting.setdefault(key, asyncio.Lock()):
            token = self._tokens.get(key)
            fresh = token is not None and self._clock.monotonic() < token.until
            if token is None or not fresh or (rejected is not None and dict(rejected) == dict(token.headers)):
                token = self._tokens[key] = await self._mint(http, account)
            return token.headers

    async def _mint(self, http: Http, account: Account) -> _Token:
        try:
            response = await http.send(_token_request(account))
        except OutboundError as error:
            raise HelpdeskUnavailable(f"token_{error.reason}") from None
        answer = as_dict(response.json())
        token = as_text(answer.get("access_token"))
        if not response.ok or token is None or _SENDABLE.fullmatch(token) is None:
            raise _refused(response)
        seconds = _life_seconds(answer.get("expires_in"))
        until = self._clock.monotonic() + max(seconds - EARLY_SECONDS, seconds / 2)
        return _Token({"authorization": f"Bearer {token}"}, until)


def _life_seconds(told: Any) -> float:
    if isinstance(told, int | float) and not isinstance(told, bool) and 0 < told <= MOST_SECONDS:
        return float(told)
    return ASSUMED_SECONDS


def _basic(account: Account) -> Headers | None:
    if "api_token" not in account.tokens or "email" not in account.tokens:
        return None
    email = account.tokens["email"].get_secret_value()
    pair = f"{email}/token:{account.tokens['api_token'].get_secret_value()}"
    return {"authorization": "Basic " + b64encode(pair.encode()).decode()}


def _token_request(account: Account) -> HttpRequest:
    options = ZendeskOptions.of(account)
    body = {
        "grant_type": "client_credentials",
        "client_id": _secret(account, "client_id"),
        "client_secret": _secret(account, "client_secret"),
        "scope": options.oauth_scope,
        "expires_in": options.token_seconds,
    }
    headers = {"content-type": "application/json", "accept": "application/json"}
    return HttpRequest("POST", f"{account.base_url}/oauth/tokens", headers, json.dumps(body).encode())


def _secret(account: Account, name: str) -> str:
    if name not in account.tokens:
        raise HelpdeskUnavailable(f"token_missing_{name}")
    return account.tokens[name].get_secret_value()


def _cache_key(account: Account) -> str:
    parts = (account.base_url, _secret(account, "client_id"), _secret(account, "client_secret"))
    scope = ZendeskOptions.of(account).oauth_scope
    return hashlib.sha256("\x1f".join((*parts, scope)).encode()).hexdigest()


def _refused(response: HttpResponse) -> HelpdeskUnavailable:
    reason = "token_unusable_answer" if response.ok else f"token_http_{response.status}"
    return HelpdeskUnavailable(reason, retry_after_seconds=retry_after_seconds(response))
