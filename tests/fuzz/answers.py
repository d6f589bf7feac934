"""What helpdesks and chat platforms answer: a vendor's bug, a proxy's page, or somebody in between.

An input is an answer in one piece: a line with what was asked, the status and a `Retry-After`; then the body. The
same answer is given to every request of a call, and no call may go on asking for ever.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from pydantic import SecretStr

from agents.helpdesks.port import Account, Helpdesk, Requester, TicketKey
from agents.helpdesks.registry import helpdesks
from agents.outbound import Http, HttpRequest, HttpResponse
from agents.platforms import registry
from agents.platforms.answers import retry_after_seconds
from agents.platforms.intercom import POLLABLE
from agents.platforms.port import Address
from streams import codec
from streams.clock import ManualClock
from streams.contracts.people import Customer, Route
from streams.errors import HandoffError
from tests.fuzz.mutation import json_bytes
from tests.fuzz.target import Broke, Target
from tests.support.deliveries import RECEIVED_AT, connection, sample
from tests.support.drafts import ESCALATION, START, freshdesk_account, zendesk_account

MAX_REQUESTS = 300
CUSTOMER = Customer(id="u-1", external_id="cust-99", name="Ana", email="ana@example.com")
Call = Callable[[Http], Awaitable[Any]]


class Answering:
    """An HTTP port that gives the same answer to everything, and looks at what it is asked."""

    def __init__(self, response: HttpResponse) -> None:
        self.response = response
        self.asked = 0

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.asked += 1
        if self.asked > MAX_REQUESTS:
            raise Broke("asks for ever")
        if not request.url.startswith("https://") or any(ord(char) <= 32 for char in request.url):
            raise Broke("an address that cannot be asked")
        if any(char in value for value in request.headers.values() for char in "\r\n\x00"):
            raise Broke("a header that cannot be sent")
        if not all(value.isascii() for value in request.headers.values()):
            raise Broke("a header outside ASCII")
        return self.response


def _asking(calls: Mapping[str, Call]) -> Callable[[bytes], str]:
    names = sorted(calls)

    def play(data: bytes) -> str:
        head, _, body = data.partition(b"\n")
        asked, status, again = [*head.decode("latin-1").split(" "), "", "", ""][:3]
        name = asked if asked in calls else names[len(data) % len(names)]
        code = int(status) if status.isascii() and status.isdigit() and 100 <= int(status[:4]) <= 599 else 200
        response = HttpResponse(code, {"retry-after": again, "content-type": "application/json"}, body)
        wait = retry_after_seconds(response)
        if wait is not None and not 0 <= wait <= 3600:
            raise Broke("a wait that is none")
        return f"{name} {_word(asyncio.run(_called(calls[name], response)))}"

    return play


async def _called(call: Call, response: HttpResponse) -> Any:
    return await call(Answering(response))


def _word(found: Any) -> str:
    if isinstance(found, list | tuple):
        return "some" if found else "none"
    return str(getattr(found, "verdict", None) or ("none" if found is None else type(found).__name__))


def _inputs(calls: Sequence[str], seeds: Sequence[Any]) -> st.SearchStrategy[bytes]:
    head = st.tuples(
        st.sampled_from(sorted(calls)),
        st.sampled_from([200] * 8 + [201, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503]),
        st.sampled_from(["", "", "17", "-1", "nan", "inf", "1e300", "Wed, 21 Oct 2026 07:28:00 GMT", "\xff"]),
    )
    return st.tuples(head, json_bytes(seeds)).map(
        lambda made: f"{made[0][0]} {made[0][1]} {made[0][2]}".encode("latin-1") + b"\n" + made[1]
    )


def _helpdesk(name: str, account: Account, seeds: Sequence[Any]) -> Target:
    def desk() -> Helpdesk:
        return helpdesks(ManualClock(START))[name]

    requester = Requester("7", "Ana", "ana@example.com")

    async def written(http: Http) -> Any:
        response = await http.send(HttpRequest("POST", f"{account.base_url}/"))
        return desk().read_write(response)

    calls: dict[str, Call] = {
        "find_ticket": lambda http: desk().find_ticket(http, account, TicketKey(ESCALATION, requester, START)),
        "recent_tickets": lambda http: desk().recent_tickets(http, account, since=START),
        "has_comment": lambda http: desk().has_comment(http, account, "12", "action-1"),
        "get_ticket": lambda http: desk().get_ticket(http, account, "12"),
        "find_requester": lambda http: desk().find_requester(http, account, CUSTOMER),
        "create_requester": lambda http: desk().create_requester(http, account, CUSTOMER, derived_external_id="x"),
        "update_email": lambda http: desk().update_requester_email(http, account, requester, "ana@example.com"),
        "open_tickets": lambda http: desk().open_tickets(http, account, requester),
        "read_write": written,
    }
    return Target(f"answers-{name}", _inputs(list(calls), seeds), _asking(calls), (HandoffError,))


def _minting() -> Target:
    """The answer to a request for a token: what is made of it is sent with every request that follows."""

    async def minted(http: Http) -> Any:
        headers = await helpdesks(ManualClock(START))["zendesk"].authorize(http, zendesk_account())
        await http.send(HttpRequest("GET", "https://acme.zendesk.com/", headers))
        return "token"

    return Target("answers-token", _inputs(["mint"], _ZENDESK[-2:]), _asking({"mint": minted}), (HandoffError,))


_BASIC = {"email": SecretStr("bot@acme.example"), "api_token": SecretStr("t0k3n")}
_TICKET = {
    "id": 4014,
    "url": "https://acme.zendesk.com/api/v2/tickets/4014.json",
    "external_id": ESCALATION,
    "created_at": "2026-11-22T14:05:10Z",
    "updated_at": "2026-11-22T14:05:10Z",
    "status": "new",
    "tags": ["handoff"],
    "requester_id": 7,
    "via": {"channel": "native_messaging"},
}
_USER = {"id": 7, "name": "Ana", "email": "ana@example.com", "external_id": "cust-99", "role": "end-user"}
_PAGED = {
    "meta": {"has_more": True, "after_cursor": "abc"},
    "links": {"next": "https://acme.zendesk.com/api/v2/x?page"},
}
_ZENDESK = [
    {"ticket": _TICKET},
    {"tickets": [_TICKET], "count": 1, "next_page": None, **_PAGED},
    {"comments": [{"id": 1, "body": "x", "metadata": {"custom": {"handoff_action": "action-1"}}}], **_PAGED},
    {"users": [_USER], "user": _USER},
    {"identities": [{"id": 1, "type": "email", "value": "ana@example.com", "primary": True}]},
    {"access_token": "t0k3n", "token_type": "bearer", "expires_in": 7200},
    {
        "error": "RecordInvalid",
        "description": "x",
        "details": {"requester": [{"description": "Email: ana@example.com"}]},
    },
]
_DESK_TICKET = {"id": 12, "status": 2, "created_at": "2026-11-22T14:05:10Z", "requester_id": 7, "tags": ["handoff"]}
_FRESHDESK = [
    _DESK_TICKET,
    [_DESK_TICKET, {**_DESK_TICKET, "custom_fields": {"cf_handoff": ESCALATION}, "description": ESCALATION}],
    [{"id": 5, "body": "<p>action-1</p>", "private": True, "ticket_id": 12}],
    [{"id": 7, "name": "Ana", "email": "ana@example.com", "unique_external_id": "cust-99"}],
    {"id": 7, "name": "Ana", "email": "ana@example.com"},
    {"description": "Validation failed", "errors": [{"field": "email", "code": "duplicate_value"}]},
]


def _polled() -> Target:
    held = connection("intercom", tokens={"access_token": "t"})

    async def changed(http: Http) -> list[Any]:
        since = RECEIVED_AT.replace(hour=9)
        return [one async for one in POLLABLE.changed_since(http, held, since, RECEIVED_AT)]

    async def read(http: Http) -> Any:
        told = await POLLABLE.read(http, held, "1", RECEIVED_AT)
        for event in told.events:
            codec.encode(event)
        return told.events

    calls: dict[str, Call] = {"changed_since": changed, "read": read}
    found = {"conversations": [{"id": "c1", "updated_at": 1783764000}], "pages": {"next": {"starting_after": "x"}}}
    seeds = [found, sample("intercom/GET_conversation.full_transcript.html.json")]
    return Target("answers-polled", _inputs(list(calls), seeds), _asking(calls), (HandoffError,))


def _transcripts() -> Target:
    held = {
        "intercom": connection("intercom", tokens={"access_token": "t"}, options={"admin_id": "8120055"}),
        "zendesk-sunco": connection(
            "zendesk-sunco",
            tokens={"key_id": "app_key", "key_secret": "s3cret"},
            options={"subdomain": "acme", "app_id": "app1"},
        ),
    }

    def call(platform: str) -> Call:
        address = Address(held[platform], "c1", "web", Customer(), Route())
        return lambda http: registry.outbound(platform).transcript(http, address, max_turns=50)

    calls = {platform: call(platform) for platform in held}
    seeds = [
        sample("intercom/GET_conversation.full_transcript.html.json"),
        sample("zendesk-sunco/GET_messages.response.json"),
        json.loads(json.dumps({"type": "contact", "id": "u-1", "email": "ana@example.com", "name": "Ana"})),
    ]
    return Target("answers-transcripts", _inputs(list(calls), seeds), _asking(calls), (HandoffError,))


def _allowance(data: bytes) -> str:
    text = data.decode("latin-1")
    allowed = POLLABLE.allowance({f"x-ratelimit-{name}": text for name in ("remaining", "limit", "reset")})
    return "none" if allowed is None else "some"


TARGETS = (
    _helpdesk("zendesk", zendesk_account(tokens=_BASIC), _ZENDESK),
    _minting(),
    _helpdesk("freshdesk", freshdesk_account(), _FRESHDESK),
    _polled(),
    _transcripts(),
    Target(
        "rate-limits", st.one_of(st.binary(max_size=20), st.integers().map(lambda n: str(n).encode())), _allowance, ()
    ),
)
