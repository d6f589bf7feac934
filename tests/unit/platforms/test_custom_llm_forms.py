"""The message forms of LLM applications: what becomes a turn, and what never leaves."""

from typing import Any

import pytest

from agents.platforms.port import Normalized
from streams.contracts.conversation_events import Message
from tests.support.deliveries import normalized


def told(*messages: Any, settings: dict[str, Any] | None = None, **fields: Any) -> Normalized:
    body = {
        "event_id": "evt_1",
        "event_type": "session.turn",
        "occurred_at": "2026-07-11T10:00:00Z",
        "session": {"id": "s-1"},
        "messages": list(messages),
        **fields,
    }
    return normalized("custom-llm", body, **(settings or {}))


def turns(*messages: Any, **fields: Any) -> list[tuple[str, str]]:
    events = told(*messages, **fields).events
    return [(event.author, event.text) for event in events if isinstance(event, Message)]


@pytest.mark.parametrize(
    ("message", "author"),
    [
        ({"role": "user", "content": "x"}, "customer"),
        ({"role": "assistant", "content": "x"}, "ai"),
        ({"role": "human", "content": "x"}, "customer"),
        ({"type": "human", "content": "x"}, "customer"),
        ({"type": "ai", "content": "x"}, "ai"),
        ({"author": "human", "text": "x"}, "human"),
        ({"author": "customer", "text": "x"}, "customer"),
        ({"author": "ai", "text": "x"}, "ai"),
        ({"author": {"role": "bot", "name": "Ava"}, "text": "x"}, "ai"),
        ({"sender": "user", "message": "x"}, "customer"),
        ({"role": "human_agent", "content": "x"}, "human"),
        ({"role": "Agent", "content": "x"}, "human"),
        ({"role": "model", "body": "x"}, "ai"),
    ],
)
def test_who_speaks_in_the_words_of_each_framework(message: dict[str, Any], author: str) -> None:
    assert turns(message) == [(author, "x")]


@pytest.mark.parametrize("role", ["system", "developer", "tool", "function", "thinking", "critic", "control", ""])
def test_instructions_results_and_roles_unknown_to_us_never_leave(role: str) -> None:
    result = told({"role": role, "content": "SECRET"}, {"author": role, "text": "SECRET"})
    assert result.events == ()
    assert set(result.ignored) == {"hidden_message"}


def test_a_session_of_openai_responses_items() -> None:
    items = [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "SECRET"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "where is my parcel"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "SECRET"}]},
        {"type": "function_call", "call_id": "c1", "name": "track", "arguments": '{"SECRET'},
        {"type": "function_call_output", "call_id": "c1", "output": "SECRET"},
        {"type": "web_search_call", "id": "ws_1", "status": "completed"},
        {"type": "item_reference", "id": "SECRET"},
        {"type": "brand_new_item", "text": "SECRET", "content": "SECRET"},
        {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "text": "On its way.", "annotations": []}],
        },
    ]
    result = told(*items, message_format="openai.responses")
    assert [(event.author, event.text) for event in result.events if isinstance(event, Message)] == [
        ("customer", "where is my parcel"),
        ("ai", "On its way."),
    ]
    assert "SECRET" not in "".join(event.model_dump_json() for event in result.events)
    assert result.events[1].event_id == "msg_1"
    assert result.events[0].attributes["tool_calls"] == "track"


def test_a_session_of_anthropic_blocks() -> None:
    messages = [
        {"role": "user", "content": [{"type": "text", "text": "it is broken"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "SECRET", "signature": "x"},
                {"type": "redacted_thinking", "data": "SECRET"},
                {"type": "text", "text": "According to the manual, ", "citations": [{"type": "page_location"}]},
                {"type": "text", "text": "restart it."},
                {"type": "tool_use", "id": "t1", "name": "manual", "input": {"q": "SECRET"}},
                {"type": "server_tool_use", "id": "t2", "name": "web_search", "input": {}},
                {"type": "web_search_tool_result", "tool_use_id": "t2", "content": [{"title": "SECRET"}]},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "SECRET"}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t2", "content": [{"type": "text", "text": "SECRET"}]},
                {"type": "text", "text": "I did"},
            ],
        },
    ]
    result = told(*messages, message_format="anthropic.messages")
    assert [(event.author, event.text) for event in result.events if isinstance(event, Message)] == [
        ("customer", "it is broken"),
        ("ai", "According to the manual, restart it."),
        ("customer", "I did"),
    ]
    assert "SECRET" not in "".join(event.model_dump_json() for event in result.events)
    assert result.events[0].attributes == {"tool_calls": "manual, web_search"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<think>SECRET</think>Hello", "Hello"),
        ("<THINKING>SECRET\nmore</THINKING>\n\nHello", "Hello"),
        ("Hello <think>SECRET", "Hello"),
        ("SECRET</think>Hello", "Hello"),
        ("<think>a</think>Hello <scratchpad>SECRET</scratchpad>you", "Hello you"),
        ("Hello, I think so.", "Hello, I think so."),
    ],
)
def test_thoughts_written_into_an_answer_are_cut_out(content: str, expected: str) -> None:
    assert turns({"role": "assistant", "content": content}) == [("ai", expected)]


def test_an_answer_that_is_all_thought_is_no_turn() -> None:
    assert told({"role": "assistant", "content": "<think>SECRET</think>"}).ignored == ("no_text",)


def test_many_opened_thoughts_do_not_take_forever() -> None:
    assert turns({"role": "assistant", "content": "Hi " + "<think>" * 100_000}) == [("ai", "Hi")]


def test_the_reasoning_beside_an_answer_and_what_is_addressed_to_a_tool_never_leave() -> None:
    result = told(
        {"role": "assistant", "content": "Hello", "reasoning_content": "SECRET", "reasoning": "SECRET"},
        {"role": "assistant", "channel": "analysis", "content": "SECRET"},
        {"role": "assistant", "recipient": "functions.lookup", "content": "SECRET"},
        {"role": "assistant", "content": "SECRET", "internal": True},
        {"role": "assistant", "content": "SECRET", "visibility": "internal"},
    )
    assert [event.text for event in result.events if isinstance(event, Message)] == ["Hello"]


def test_a_refusal_is_an_answer_of_the_ai() -> None:
    assert turns({"role": "assistant", "content": None, "refusal": "I can't."}) == [("ai", "I can't.")]
    assert turns({"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}) == [("ai", "No.")]


@pytest.mark.parametrize("content", [None, "", [], [{"type": "text", "text": " "}], {}, 7, [7, None]])
def test_a_message_that_says_nothing_is_no_turn(content: Any) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "lookup", "arguments": "{not json"}}
    result = told({"role": "assistant", "content": content, "tool_calls": [call]})
    assert (result.events, result.ignored) == ((), ("no_text",))


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image_url", "image_url": {"url": "https://cdn.example/a.png", "detail": "low"}},
        {"type": "input_image", "image_url": "https://cdn.example/a.png"},
        {"type": "image", "source": {"type": "url", "url": "https://cdn.example/a.png"}},
        {"type": "document", "source": {"type": "url", "url": "https://cdn.example/a.png"}, "title": "a.png"},
        {"type": "input_file", "file_url": "https://cdn.example/a.png", "filename": "a.png"},
    ],
)
def test_a_file_under_an_address_is_an_attachment(block: dict[str, Any]) -> None:
    (message,) = told({"role": "user", "content": [{"type": "text", "text": "look"}, block]}).events
    assert message.attachments[0].url == "https://cdn.example/a.png"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "image_url", "image_url": {"url": "javascript:alert(1)"}},
        {"type": "image_url", "image_url": {"url": "file:///etc/passwd"}},
    ],
)
def test_a_file_that_cannot_be_fetched_is_still_a_turn(block: dict[str, Any]) -> None:
    (message,) = told({"role": "user", "content": [block]}).events
    assert isinstance(message, Message)
    assert (message.text, message.attachments) == ("[file]", ())
    assert "AAAA" not in message.model_dump_json()


def test_spoken_words_count_by_their_transcript() -> None:
    audio = {"role": "assistant", "content": None, "audio": {"id": "a", "data": "AAAA", "transcript": "Hello there"}}
    assert turns(audio) == [("ai", "Hello there")]


@pytest.mark.parametrize("messages", ["hi", {}, 7, ["hi"], [["hi"]], [7]])
def test_messages_of_a_wrong_type_are_refused(messages: Any) -> None:
    from agents.platforms.port import BadBody

    with pytest.raises(BadBody) as refused:
        normalized("custom-llm", {"event_type": "session.turn", "session": {"id": "s"}, "messages": messages})
    assert refused.value.reason == "wrong_type"


def test_a_customer_who_only_looks_like_markdown_is_left_as_typed() -> None:
    user = {"role": "user", "content": "2 * 3 * 4 of my_file_name, #5521 is my order"}
    result = told(user, {"role": "assistant", "content": "**Yes**"}, body_format="markdown")
    formats = [event.original_format for event in result.events if isinstance(event, Message)]
    assert formats == ["plain", "markdown"]
    assert turns(user, body_format="markdown") == [("customer", "2 * 3 * 4 of my_file_name, #5521 is my order")]


def test_a_customer_who_writes_real_markdown_is_read_as_such() -> None:
    user = {"role": "user", "content": "**Urgent**: see [this](https://evil.example/login)"}
    assert turns(user, body_format="markdown") == [("customer", "Urgent: see this")]


def test_a_message_may_name_its_own_format() -> None:
    (message,) = told({"role": "user", "content": "<p>a &amp; b</p>", "format": "html"}, body_format="plain").events
    assert isinstance(message, Message)
    assert (message.text, message.original_format) == ("a & b", "html")


def test_our_own_notice_repeated_by_the_application_is_an_echo() -> None:
    result = told({"role": "assistant", "content": "Your ticket is 10432.", "notification_id": "n-1"})
    assert (result.events, result.ignored) == ((), ("own_echo",))
