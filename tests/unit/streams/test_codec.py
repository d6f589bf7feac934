from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.codec import decode, encode, header, headers_for
from streams.contracts.conversation_events import EVENT, Message
from streams.errors import InvalidRecord

CONTENTS = "4111 1111 1111 1111"


def reason(value: bytes | None) -> InvalidRecord:
    with pytest.raises(InvalidRecord) as caught:
        decode(EVENT, value)
    return caught.value


def body(**changes: object) -> bytes:
    fields = {
        "kind": "message",
        "event_id": "e",
        "tenant": "acme",
        "conversation_id": "c",
        "occurred_at": "2026-07-11T10:00:00Z",
        "author": "customer",
        "text": CONTENTS,
    }
    import json

    return json.dumps(fields | changes).encode()


@pytest.mark.parametrize(
    ("value", "slug"),
    [
        (None, "tombstone"),
        (b"", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[1]", "not_the_contract"),
        (b"{}", "unknown_kind"),
        (body(kind="greeting"), "unknown_kind"),
        (body(kind=None), "unknown_kind"),
        (body(text=None), "not_the_contract"),
        (body(tenant="Not A Tenant"), "not_the_contract"),
        (body(conversation_id="a|b"), "not_the_contract"),
        (body(occurred_at="2026-07-11T10:00:00"), "not_the_contract"),
        (body(confidence=1.5), "not_the_contract"),
        (body(kind="tick"), "not_the_contract"),
    ],
)
def test_every_bad_value_has_a_reason(value: bytes | None, slug: str) -> None:
    assert reason(value).reason == slug


@pytest.mark.parametrize("changes", [{"confidence": CONTENTS}, {"occurred_at": CONTENTS}, {"kind": CONTENTS}])
def test_an_error_never_repeats_what_the_record_says(changes: dict[str, object]) -> None:
    assert CONTENTS not in str(reason(body(**changes)))


def test_an_error_names_the_contracts_fields_and_never_a_key_that_came_with_the_record() -> None:
    error = reason(body(attributes={CONTENTS: {"a": 1}, "ana@example.com": []}))
    assert error.detail == "message.attributes.….str: string_type"


def test_unknown_fields_and_unknown_outcomes_are_tolerated() -> None:
    decoded = decode(EVENT, body(kind="ai_outcome", outcome="handed_to_the_moon", future_field={"a": 1}))
    assert decoded.kind == "ai_outcome"
    assert decoded.outcome == "handed_to_the_moon"


@given(st.text(), st.datetimes(timezones=st.just(UTC)))
def test_what_is_encoded_decodes_to_the_same(text: str, at: datetime) -> None:
    text = text.encode("utf-8", "ignore").decode()
    message = Message(event_id="e", tenant="acme", conversation_id="c", occurred_at=at, author="ai", text=text)
    assert decode(EVENT, encode(message)) == message


@given(st.binary(max_size=300))
def test_no_bytes_do_worse_than_a_reason(value: bytes) -> None:
    try:
        decode(EVENT, value)
    except InvalidRecord as error:
        assert error.reason


def test_headers_are_cloudevents_in_binary_mode() -> None:
    at = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)
    headers = headers_for(event_id="e1", source="handoff/gateway/intercom", kind="message", at=at, traceparent="00-a")
    assert header(headers, "ce_specversion") == "1.0"
    assert header(headers, "ce_type") == "handoff.message"
    assert header(headers, "ce_time") == "2026-07-11T10:00:00Z"
    assert header(headers, "absent") is None
