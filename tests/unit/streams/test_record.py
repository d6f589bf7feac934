"""A record as it came off a topic."""

from streams.kafka.record import Record

RECORD = Record("conversation.events", 3, 7, b"acme|c1", b'{"text": "my card"}', (("traceparent", b"00-1"),), 5)


def test_what_people_wrote_is_in_no_representation_of_it() -> None:
    assert repr(RECORD) == "Record('conversation.events', 3, 7)"
    assert "my card" not in f"{RECORD} {[RECORD]}"


def test_the_last_header_of_a_name_counts() -> None:
    assert RECORD.header("traceparent") == "00-1"
    assert RECORD.header("absent") is None
