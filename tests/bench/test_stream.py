"""The generated stream is the same everywhere, looks like conversations, and escalates about once in a hundred."""

import hashlib
import json
from collections import Counter, defaultdict
from itertools import islice, pairwise

from streams.codec import decode
from streams.contracts.conversation_events import EVENT, Message
from tests.bench.engine import replayed
from tests.bench.stream import stream

EVENTS = 20_000
SENT = list(stream(EVENTS))


def _digest(seed: int) -> str:
    return hashlib.sha256(b"".join(sent.key + sent.value for sent in stream(2_000, seed))).hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert _digest(1) == _digest(1)
    assert _digest(1) != _digest(2)


def test_a_short_stream_is_the_beginning_of_a_long_one() -> None:
    assert list(stream(500)) == list(islice(stream(5_000), 500))


def test_every_record_is_an_event_of_the_contract_under_the_key_of_its_conversation() -> None:
    for sent in SENT[:2_000]:
        event = decode(EVENT, sent.value)
        assert isinstance(event, Message)
        assert sent.key.decode() == f"{event.tenant}|{event.conversation_id}"
        assert round(event.occurred_at.timestamp() * 1000) == sent.timestamp_ms


def test_records_come_in_the_order_of_their_time_and_conversations_interleave() -> None:
    assert all(one.timestamp_ms <= other.timestamp_ms for one, other in pairwise(SENT))
    neighbours = sum(one.key == other.key for one, other in pairwise(SENT))
    assert neighbours < EVENTS / 50


def test_no_event_id_comes_twice() -> None:
    assert len({json.loads(sent.value)["event_id"] for sent in SENT}) == EVENTS


def test_turns_sizes_and_languages_vary_as_conversations_do() -> None:
    turns = Counter(sent.key for sent in SENT)
    languages = {json.loads(sent.value)["locale"] for sent in SENT}
    sizes = sorted(len(sent.value) for sent in SENT)
    assert languages == {"en", "es", "de", "fr", "pt"}
    assert max(turns.values()) > 15
    assert sizes[-1] > 2 * sizes[len(sizes) // 2]
    assert 300 < sum(sizes) / EVENTS < 900


def test_about_one_event_in_a_hundred_escalates_and_no_conversation_twice() -> None:
    commands = [json.loads(command) for command in replayed(SENT)]
    assert 0.007 < len(commands) / EVENTS < 0.013
    by_conversation = defaultdict(list)
    for command in commands:
        by_conversation[command["conversation_id"]].append(command)
    assert all(len(told) == 1 for told in by_conversation.values())
