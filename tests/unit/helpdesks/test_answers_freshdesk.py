"""What Freshdesk's answers to writes mean, for every status and shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.helpdesks.freshdesk.answers import read_write, ticket_ref
from agents.outbound import HttpResponse
from tests.support.http import answer

PAGE = "<html><body>Maintenance</body></html>"


def invalid(*fields: str) -> dict[str, Any]:
    errors = [{"field": field, "message": "It should be valid", "code": "invalid_value"} for field in fields]
    return {"description": "Validation failed", "errors": errors}


def test_a_created_ticket_comes_bare() -> None:
    got = read_write(answer(201, {"id": 12, "status": 2, "created_at": "2026-11-22T14:05:10Z"}))
    assert got.verdict == "done"
    assert got.ticket is not None
    assert (got.ticket.id, got.ticket.status, got.ticket.closed) == ("12", "open", False)


def test_the_answer_to_a_note_names_its_ticket() -> None:
    got = read_write(answer(201, {"id": 999, "body": "<p>x</p>", "private": True, "ticket_id": 12}))
    assert got.ticket is not None
    assert got.ticket.id == "12"


@pytest.mark.parametrize(
    ("status", "body", "verdict", "reason"),
    [
        (200, PAGE, "ambiguous", "html_answer"),
        (201, '{"id":1', "ambiguous", "unusable_answer"),
        (201, None, "ambiguous", "unusable_answer"),
        (201, {"id": 5, "ticket_id": None}, "ambiguous", "unusable_answer"),
        (204, None, "ambiguous", "unusable_answer"),
        (302, None, "unavailable", "redirect"),
        (400, invalid("group_id"), "degradable", "rejected_field"),
        (400, invalid("product_id", "name"), "degradable", "rejected_field"),
        (400, invalid("cf_order"), "degradable", "rejected_field"),
        (400, invalid("custom_fields.cf_order"), "degradable", "rejected_field"),
        (400, invalid("type"), "degradable", "rejected_field"),
        (400, invalid("email"), "degradable", "rejected_requester"),
        (400, invalid("requester_id"), "degradable", "rejected_requester"),
        (400, invalid("subject"), "refused", "http_400"),
        (400, {"errors": [None, {"field": 5}]}, "refused", "http_400"),
        (400, "Bad request", "refused", "http_400"),
        (401, {"code": "invalid_credentials", "message": "You have to be logged in"}, "unavailable", "unauthorized"),
        (403, {"code": "access_denied", "message": "You are not authorized"}, "unavailable", "forbidden"),
        (404, None, "refused", "not_found"),
        (404, PAGE, "unavailable", "not_the_api"),
        (405, None, "refused", "http_405"),
        (409, {"description": "Validation failed"}, "ambiguous", "conflict"),
        (415, None, "refused", "http_415"),
        (429, "slow down", "rate_limited", "rate_limited"),
        (500, PAGE, "ambiguous", "http_500"),
        (503, None, "ambiguous", "http_503"),
    ],
)
def test_every_status_has_its_meaning(status: int, body: Any, verdict: str, reason: str) -> None:
    got = read_write(answer(status, body))
    assert (got.verdict, got.reason, got.ticket) == (verdict, reason, None)


def test_a_wait_that_was_asked_for_is_kept() -> None:
    assert read_write(answer(429, None, {"Retry-After": "60"})).retry_after_seconds == 60.0


@given(st.integers(100, 599), st.binary(max_size=80) | st.sampled_from([b"[]", b"{}", b"null", b'{"errors":{}}']))
def test_no_answer_is_a_traceback_and_only_a_ticket_is_done(status: int, body: bytes) -> None:
    assert read_write(HttpResponse(status, {}, body)).verdict != "done"


@pytest.mark.parametrize(
    ("ticket", "status", "closed"),
    [
        ({"id": 1, "status": 3}, "pending", False),
        ({"id": 1, "status": 4}, "resolved", True),
        ({"id": 1, "status": 5}, "closed", True),
        ({"id": 1, "status": 7}, "7", False),
        ({"id": 1, "status": 2, "spam": True}, "open", True),
        ({"id": 1, "status": 2, "deleted": True}, "open", True),
        ({"id": 1}, None, False),
    ],
)
def test_what_counts_as_closed(ticket: dict[str, Any], status: str | None, closed: bool) -> None:
    ref = ticket_ref(ticket, "https://acme.freshdesk.com")
    assert ref is not None
    assert (ref.status, ref.closed, ref.url) == (status, closed, "https://acme.freshdesk.com/a/tickets/1")
