"""Who may call Zendesk: OAuth client credentials, the legacy API token, Sunshine keys, and the limits.

Sources: developer.zendesk.com, "OAuth tokens for grant types", "Rate limits"; the Sunshine Conversations
specification, "Authorization".
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from agents.demo.simulators.calls import Call, Rejected, Reply
from agents.demo.simulators.desks import recent_requests
from agents.demo.simulators.formats import iso_seconds
from agents.demo.simulators.zendesk import errors

_SHORTEST_SECONDS, _LONGEST_SECONDS, _USUAL_SECONDS = 300, 172_800, 1_800


def issue_token(call: Call) -> Reply:
    """`POST /oauth/tokens` with the client-credentials grant. A scope the client lacks is issued all the same."""
    try:
        body = call.json()
    except ValueError:
        raise errors.malformed() from None
    body = body if isinstance(body, dict) else {}
    if body.get("grant_type") != "client_credentials":
        return Reply(400, {"error": "unsupported_grant_type", "error_description": "Unsupported grant type"})
    account = call.settings.zendesk
    if body.get("client_id") != account.client_id or body.get("client_secret") != account.client_secret:
        text = "Client authentication failed due to unknown client or wrong secret"
        return Reply(401, {"error": "invalid_client", "error_description": text})
    seconds = body.get("expires_in", _USUAL_SECONDS)
    if not isinstance(seconds, int) or not _SHORTEST_SECONDS < seconds < _LONGEST_SECONDS:
        text = "expires_in must be between 300 and 172800"
        return Reply(400, {"error": "invalid_request", "error_description": text})
    scope = str(body.get("scope") or "read write")
    number = call.store.next_id(f"zendesk/{call.account}/tokens", 1)
    token = hashlib.sha256(f"{call.account}/{number}/{call.at}".encode()).hexdigest()
    call.store.run("INSERT INTO tokens VALUES (?, ?, ?, ?)", call.account, token, scope, call.at + seconds)
    return Reply(200, {"access_token": token, "token_type": "bearer", "scope": scope, "expires_in": seconds})


def show_current_token(call: Call) -> Reply:
    """`GET /api/v2/oauth/tokens/current`: what the token that asks may do."""
    token = call.headers.get("authorization", "").partition(" ")[2].strip()
    row = call.store.row("SELECT * FROM tokens WHERE token = ? AND account = ?", token, call.account)
    if row is None:
        raise errors.not_found()
    shown = {
        "url": f"{call.base_url}/api/v2/oauth/tokens/1.json",
        "id": 1,
        "user_id": call.settings.zendesk.agent_id,
        "client_id": 1,
        "token": f"{token[:10]}",
        "scopes": row["scope"].split(),
        "expires_at": iso_seconds(row["expires_at"]),
    }
    return Reply(200, {"token": shown})


def guard(call: Call) -> None:
    """Credentials first, then the account's requests per minute."""
    if call.operation.startswith("sunshine."):
        _check_sunshine(call)
        return
    if call.operation.startswith("ai_agents."):
        _check_ai_agents(call)
        return
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        _check_scope(call, value.strip())
    elif scheme.lower() == "basic":
        account = call.settings.zendesk
        expected = f"{account.token_email}/token:{account.api_token}"
        if account.api_token is None or not hmac.compare_digest(_decoded(value).encode(), expected.encode()):
            raise errors.unauthenticated()
    else:
        raise errors.unauthenticated()
    if _used(call) > call.settings.zendesk.requests_per_minute:
        raise errors.too_many(60 - int(call.at) % 60)


def dress(call: Call, reply: Reply) -> Reply:
    """The rate-limit headers every Support API answer carries."""
    if not call.operation.startswith("zendesk.") or call.operation == "zendesk.issue_token":
        return reply
    limit = call.settings.zendesk.requests_per_minute
    left, reset = max(0, limit - _used(call)), 60 - int(call.at) % 60
    return reply.with_headers(
        {
            "X-Rate-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(left),
            "ratelimit-limit": str(limit),
            "ratelimit-remaining": str(left),
            "ratelimit-reset": str(reset),
        }
    )


def _used(call: Call) -> int:
    return recent_requests(call.store, "zendesk", call.account, call.at - 60)


def _check_scope(call: Call, token: str) -> None:
    row = call.store.row("SELECT * FROM tokens WHERE token = ? AND account = ?", token, call.account)
    if row is None or row["expires_at"] <= call.at:
        raise errors.invalid_token()
    act = "read" if call.method == "GET" else "write"
    resource = call.path.rsplit("/api/v2/", 1)[-1].split("/", 1)[0].split(".", 1)[0]
    needed = {act, f"{resource}:{act}"}
    allowed = set(call.settings.zendesk.allowed_scopes.split())
    if not needed & set(row["scope"].split()) or not needed & allowed:
        raise errors.forbidden()


def _check_ai_agents(call: Call) -> None:
    given = call.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if not hmac.compare_digest(given.encode(), call.settings.zendesk.ai_agents_key.encode()):
        raise Rejected(Reply(401, {"error": "Unauthorized"}))


def _check_sunshine(call: Call) -> None:
    account = call.settings.zendesk
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        allowed = _decoded(value) == f"{account.sunshine_key_id}:{account.sunshine_secret}"
    else:
        allowed = scheme.lower() == "bearer" and _is_our_jwt(
            value.strip(), account.sunshine_key_id, account.sunshine_secret
        )
    if not allowed:
        raise Rejected(Reply(401, {"errors": [{"code": "unauthorized", "title": "Authorization is required"}]}))
    if account.app_id is not None and call.params.get("app") != account.app_id:
        raise Rejected(Reply(404, {"errors": [{"code": "app_not_found", "title": "App not found"}]}))


def _is_our_jwt(token: str, key_id: str, secret: str) -> bool:
    """HS256 with our `kid` and an app or account scope; nothing else is accepted."""
    parts = token.split(".")
    if len(parts) != 3:
        return False
    header, claims = _segment(parts[0]), _segment(parts[1])
    if header.get("alg") != "HS256" or header.get("kid") != key_id:
        return False
    digest = hmac.new(secret.encode(), f"{parts[0]}.{parts[1]}".encode(), hashlib.sha256).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(expected, parts[2].encode()) and claims.get("scope") in {"app", "account"}


def _segment(text: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return found if isinstance(found, dict) else {}


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).decode()
    except (ValueError, binascii.Error):
        return ""
