"""Whatever a conversation holds, a rendered request is valid, small, harmless, and the same each time."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import nh3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.helpdesks.port import Account, Draft, TicketRef
from agents.helpdesks.registry import helpdesks
from agents.text.html import ALLOWED_TAGS
from streams.clock import SystemClock
from streams.contracts.escalation_commands import Evidence, Routing
from streams.contracts.escalation_ledger import MAX_REQUEST_BYTES, PreparedRequest
from streams.contracts.people import Author, Customer, Route
from tests.support.drafts import draft, freshdesk_account, turn, zendesk_account

DESKS = helpdesks(SystemClock())
MAX_HTML_BYTES = 60_000
HOSTILE = st.sampled_from(
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</p></blockquote><a href='javascript:alert(1)'>x</a>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "{{ticket.requester.email}}",
        "{\u200b{dc.x}}",
        '"}],"group_id":1,"x":["',
        "\x00\x1b[31m\u202eevil",
        "]]><![CDATA[x",
        "\ud800",
        "<<b>b>x<</b>/b>",
        "`code` [x](javascript:y) **z**",
    ]
)
TEXT = HOSTILE | st.text(max_size=200)
LONG = st.builds(lambda text, times: (text or "x") * times, TEXT, st.integers(1, 40))
AUTHORS: st.SearchStrategy[Author] = st.sampled_from(("customer", "ai", "human", "system"))


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    said = draw(st.lists(st.tuples(AUTHORS, LONG, TEXT), max_size=8))
    evidence = [
        Evidence(signal=draw(TEXT), fired=True, value=draw(TEXT), span=draw(TEXT), detail=draw(TEXT))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return draft(
        [turn(author, text, at, author_name=name) for at, (author, text, name) in enumerate(said)],
        customer=Customer(name=draw(TEXT), email=draw(TEXT), phone=draw(TEXT), external_id=draw(TEXT)),
        attributes=draw(st.dictionaries(TEXT, TEXT | st.integers() | st.floats() | st.booleans(), max_size=6)),
        reason=draw(TEXT),
        intent=draw(TEXT),
        intent_source=draw(TEXT),
        channel=draw(TEXT),
        platform=draw(st.sampled_from(["intercom", "zendesk-ai-agents-advanced", "custom-llm"])),
        evidence=tuple(evidence),
        tags=tuple(draw(st.lists(TEXT, max_size=3))),
        routing=Routing(rule=draw(TEXT), group=draw(TEXT), tags=tuple(draw(st.lists(TEXT, max_size=3)))),
        route=Route(conversation_url=draw(TEXT)),
        turns_omitted=draw(st.integers(0, 9)),
    )


LARGE = ["&" * 32_000, "a" + "\n\t\tb" * 6400, "<>" * 16_000, "aa://b " * 4000, "\u6f22" * 32_000, '"\\' * 16_000]
ACCOUNTS = [
    zendesk_account(),
    zendesk_account(first_comment="private", options={"fields": {"intent": 1, "attributes": {"a": 2}}}),
    freshdesk_account(),
    freshdesk_account(first_comment="private", options={"fields": {"escalation_id": "cf_x", "intent": "cf_y"}}),
]


def requests(account: Account, made: Draft) -> Iterator[PreparedRequest]:
    desk = DESKS[account.helpdesk]
    yield desk.render_open(account, made)
    yield desk.render_minimal(account, made)
    yield desk.render_follow_up(account, TicketRef("5", closed=True), made)
    yield desk.render_attach(account, made, "5", action_id="a-1")
    yield from (note.request for note in desk.render_notes(account, made, "5"))
    for said in made.turns:
        yield desk.render_append(account, "5", said, action_id="a-2")
        yield desk.render_note(account, "5", said.text, action_id="a-3")


def html_in(value: Any, name: str = "") -> Iterator[str]:
    """Every text of a body that a helpdesk renders as HTML."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from html_in(inner, key)
    elif isinstance(value, str) and name in {"html_body", "body", "description"}:
        yield value


@settings(max_examples=60, deadline=None)
@given(drafts(), st.sampled_from(ACCOUNTS))
def test_a_rendered_request_is_valid_small_and_harmless(made: Draft, account: Account) -> None:
    for request in requests(account, made):
        assert len(request.body.encode()) <= MAX_REQUEST_BYTES
        body = json.loads(request.body)
        texts = list(html_in(body))
        assert texts
        for text in texts:
            assert 0 < len(text.encode()) <= MAX_HTML_BYTES
            assert set(re.findall(r"<(/?[a-z]+)>", text)) <= {
                f"{end}{tag}" for tag in ALLOWED_TAGS for end in ("", "/")
            }
            assert text == nh3.clean(text, tags=set(ALLOWED_TAGS), attributes={}, link_rel=None)
            assert not re.search(r"\{[{%]|[}%]\}", html.unescape(re.sub(r"<[^>]*>", "", text)))
        assert not re.search(r"\{\{|\{%|[<>\n]|://", body.get("ticket", body).get("subject", ""))
        assert not re.search(r"[<>]", str(body.get("name", "")) + str(body.get("ticket", body).get("requester", "")))
        assert not _fields(body) & {"cc_emails", "email_ccs", "collaborators", "followers", "recipient", "assignee_id"}


@pytest.mark.parametrize("account", [ACCOUNTS[1], ACCOUNTS[2]])
@pytest.mark.parametrize("text", LARGE)
def test_the_largest_conversation_stays_below_every_limit(text: str, account: Account) -> None:
    span = Evidence(signal="x" * 500, fired=True, span=text, detail=text, event_ids=(text[:512],) * 9)
    made = draft(
        [turn("customer", text, at) for at in range(3)],
        attributes={f"{at}{text[:90]}": text for at in range(40)},
        evidence=(span,) * 40,
        tags=(text,) * 9,
    )
    for request in requests(account, made):
        assert len(request.body.encode()) <= MAX_REQUEST_BYTES
        assert all(len(shown.encode()) <= MAX_HTML_BYTES for shown in html_in(json.loads(request.body)))


@settings(max_examples=15, deadline=None)
@given(drafts(), st.sampled_from(ACCOUNTS))
def test_equal_drafts_give_equal_bytes(made: Draft, account: Account) -> None:
    again = draft([item.model_copy() for item in made.turns], customer=made.customer, turns_omitted=made.turns_omitted)
    again = replace(again, command=made.command.model_copy())
    assert list(requests(account, made)) == list(requests(account, again))


@settings(max_examples=25, deadline=None)
@given(TEXT, st.sampled_from(ACCOUNTS))
def test_nothing_a_customer_says_moves_a_ticket(said: str, account: Account) -> None:
    plain = _driving(account, draft((turn("customer", "order 7 is late"),)))
    assert _driving(account, draft((turn("customer", said, author_name=said),))) == plain


def _driving(account: Account, made: Draft) -> dict[str, Any]:
    """Every part of a ticket that triggers and queues act on."""
    body = json.loads(DESKS[account.helpdesk].render_open(account, made).body)
    words = {"subject", "comment", "description"}
    return {name: value for name, value in body.get("ticket", body).items() if name not in words}


def _fields(body: dict[str, Any]) -> set[str]:
    return set(body.get("ticket", body))
