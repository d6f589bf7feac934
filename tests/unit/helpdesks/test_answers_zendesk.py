"""What Zendesk's answers to writes mean, for every status and shape."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.helpdesks.zendesk.answers import read_write, ticket_ref
from agents.outbound import HttpResponse
from tests.support.http import answer

PAGE = "<!DOCTYPE html><html><body>Sign in</body></html>"
TICKET = {
    "id": 4014,
    "url": "https://acme.zendesk.com/api/v2/tickets/4014.json",
    "external_id": "esc-1",
    "created_at": "2026-11-22T14:05:10Z",
    "status": "new",
}


def invalid(details: Any, description: str = "Record validation errors") -> dict[str, Any]:
    return {"error": "RecordInvalid", "description": description, "details": details}


def test_a_created_ticket_is_known_with_the_link_an_agent_opens() -> None:
    got = read_write(answer(201, {"ticket": TICKET, "audit": {}}, {"X-Zendesk-API-Warn": "Unpermitted keys: foo"}))
    assert (got.verdict, got.reason, got.warnings) == ("done", "http_201", ("Unpermitted keys: foo",))
    assert got.ticket is not None
    assert (got.ticket.id, got.ticket.status, got.ticket.escalation_id) == ("4014", "new", "esc-1")
    assert got.ticket.url == "https://acme.zendesk.com/agent/tickets/4014"
    assert got.ticket.created_at is not None


def test_a_success_is_read_whatever_its_content_type_says() -> None:
    raw = HttpResponse(200, {"content-type": "text/plain"}, b'{"ticket":{"id":"7"}}')
    assert read_write(raw).verdict == "done"


@pytest.mark.parametrize(
    ("status", "body", "verdict", "reason"),
    [
        (200, PAGE, "ambiguous", "html_answer"),
        (201, '{"ticket":{"id":40', "ambiguous", "unusable_answer"),
        (201, None, "ambiguous", "unusable_answer"),
        (201, {"ticket": {"id": None}}, "ambiguous", "unusable_answer"),
        (201, {"ticket": {"id": True}}, "ambiguous", "unusable_answer"),
        (200, [], "ambiguous", "unusable_answer"),
        (202, {"ticket": TICKET, "job_status": {}}, "ambiguous", "unusable_answer"),
        (204, None, "ambiguous", "unusable_answer"),
        (301, PAGE, "unavailable", "redirect"),
        (302, None, "unavailable", "redirect"),
        (400, {"error": "IdempotentRequestError", "description": "Request parameters don't match"}, "key_reused", None),
        (400, "Bad Request", "refused", "http_400"),
        (400, {"error": "TooManyValues", "max_count": 48}, "refused", "http_400"),
        (401, {"error": "Couldn't authenticate you"}, "unavailable", "unauthorized"),
        (403, {"error": "Forbidden"}, "unavailable", "forbidden"),
        (403, PAGE, "unavailable", "forbidden"),
        (404, {"error": "RecordNotFound", "description": "Not found"}, "refused", "not_found"),
        (404, PAGE, "unavailable", "not_the_api"),
        (405, None, "refused", "http_405"),
        (408, None, "ambiguous", "timeout"),
        (409, {"error": "DatabaseConflict"}, "ambiguous", "conflict"),
        (413, PAGE, "refused", "http_413"),
        (422, PAGE, "refused", "record_invalid"),
        (425, None, "ambiguous", "too_early"),
        (429, "Number of allowed API requests per minute exceeded", "rate_limited", "rate_limited"),
        (500, PAGE, "ambiguous", "http_500"),
        (502, None, "ambiguous", "http_502"),
        (503, {"error": "DatabaseError"}, "ambiguous", "http_503"),
        (504, PAGE, "ambiguous", "http_504"),
        (599, None, "ambiguous", "http_599"),
    ],
)
def test_every_status_has_its_meaning(status: int, body: Any, verdict: str, reason: str | None) -> None:
    got = read_write(answer(status, body))
    assert got.verdict == verdict
    assert got.ticket is None
    assert reason is None or got.reason == reason


@pytest.mark.parametrize(
    ("details", "verdict", "reason"),
    [
        ({"group": [{"description": "Group: is invalid", "error": "InvalidValue"}]}, "degradable", "rejected_field"),
        ({"ticket_form_id": [{"description": "is inactive"}]}, "degradable", "rejected_field"),
        ({"brand": [{"description": "Brand: cannot be blank"}]}, "degradable", "rejected_field"),
        ({"360001234": [{"description": "is too long"}]}, "degradable", "rejected_field"),
        ({"custom_fields": "unknown"}, "degradable", "rejected_field"),
        ({"base": [{"description": "Order: is required", "ticket_field_id": 5}]}, "degradable", "rejected_field"),
        ({"base": [{"description": "Custom field 5 does not exist"}]}, "degradable", "rejected_field"),
        ({"requester": [{"description": "Requester is suspended."}]}, "degradable", "rejected_requester"),
        ({"base": [{"description": "Requester: Email: x is not valid"}]}, "degradable", "rejected_requester"),
        ({"submitter_id": [{"description": "is invalid"}]}, "degradable", "rejected_requester"),
        ({"status": [{"description": "Status: closed prevents ticket update"}]}, "refused", "ticket_closed"),
        ({"subject": [{"description": "Subject: is too long"}]}, "refused", "record_invalid"),
        ({"comment": [{"description": "Comment: limit of 5000 reached"}]}, "refused", "record_invalid"),
        ({}, "refused", "record_invalid"),
        (None, "refused", "record_invalid"),
        ("text", "refused", "record_invalid"),
        ({"x": [None, 5, []]}, "refused", "record_invalid"),
    ],
)
def test_a_refusal_says_whether_a_smaller_ticket_may_pass(details: Any, verdict: str, reason: str) -> None:
    got = read_write(answer(422, invalid(details)))
    assert (got.verdict, got.reason) == (verdict, reason)


def test_a_wait_that_was_asked_for_is_kept() -> None:
    assert read_write(answer(429, "slow", {"Retry-After": "17"})).retry_after_seconds == 17.0
    assert read_write(answer(503, None, {"Retry-After": "3"})).retry_after_seconds == 3.0


@given(st.integers(100, 599), st.binary(max_size=80) | st.sampled_from([b"[]", b"{}", b"null", b'{"ticket":[]}']))
def test_no_answer_is_a_traceback_and_only_a_ticket_is_done(status: int, body: bytes) -> None:
    assert read_write(HttpResponse(status, {}, body)).verdict != "done"


def test_closed_tickets_are_known_as_such() -> None:
    assert ticket_ref({"id": 1, "status": "closed"}) is not None
    closed = ticket_ref({"id": 1, "status": "closed"})
    solved = ticket_ref({"id": 1, "status": "solved"})
    assert closed is not None
    assert closed.closed
    assert solved is not None
    assert not solved.closed
    assert ticket_ref({"id": "x"}) is None
