"""What a command carries: enough for a ticket, derived from the log alone."""

import pytest

from agents.escalation.state import MAX_TURN_BYTES
from streams.contracts.escalation_commands import COMMAND
from streams.ids import action_id, escalation_id
from tests.support.talking import EXAMPLE, SIMPLE_RULES, START, Talk, rules


def test_the_ids_are_derived_from_conversation_and_episode() -> None:
    talk = Talk()
    talk.customer("get me a human", 0, event_id="first")
    command = talk.opened[0]
    assert command.escalation_id == escalation_id("acme", "c1", "first")
    assert command.action_id == action_id(command.escalation_id, "open")
    assert command.episode == "first"
    assert command.policy == SIMPLE_RULES.sha256


def test_all_that_was_learnt_of_the_customer_is_merged() -> None:
    talk = Talk()
    talk.customer("hello", 0, customer={"id": "u1", "name": "Maya", "anonymous": True}, channel="web", locale="en-GB")
    talk.tell("identified", 1, customer={"email": "maya@example.com"}, attributes={"order": 77, "plan": "gold"})
    talk.customer(
        "get me a human", 2, attributes={"plan": "silver"}, tags=["vip", "vip"], route={"reply_url": "https://x"}
    )
    command = talk.opened[0]
    assert command.customer.model_dump(exclude_none=True) == {
        "id": "u1",
        "name": "Maya",
        "email": "maya@example.com",
        "anonymous": False,
    }
    assert command.attributes == {"order": 77, "plan": "silver"}
    assert command.tags == ("vip",)
    assert (command.channel, command.locale, command.route.reply_url) == ("web", "en-GB", "https://x")


def test_the_turns_are_the_whole_conversation_in_order_of_time() -> None:
    talk = Talk()
    talk.ai("Hi", 0)
    talk.customer("the lamp blinks", 1, attachments=[{"url": "https://cdn/x.png", "name": "x.png", "size_bytes": 5}])
    talk.tell("message", 3, author="system", text="The chat was renamed")
    talk.ai("Try to switch it off", 2, confidence=0.7)
    talk.customer("get me a human", 4)
    command = talk.opened[0]
    assert [(t.author, t.text) for t in command.turns] == [
        ("ai", "Hi"),
        ("customer", "the lamp blinks"),
        ("ai", "Try to switch it off"),
        ("system", "The chat was renamed"),
        ("customer", "get me a human"),
    ]
    assert command.turns[2].confidence == 0.7
    assert [file.url for file in command.attachments] == ["https://cdn/x.png"]
    assert command.turns[1].attachments == command.attachments
    assert command.opened_at == START.replace(second=1)
    assert command.decided_at == START.replace(second=4)


def test_only_the_newest_text_is_carried_and_what_is_left_out_is_counted() -> None:
    talk = Talk()
    for at in range(30):
        talk.ai("x" * 30_000 + str(at), at)
    talk.customer("get me a human", 100)
    command = talk.opened[0]
    size = sum(len(turn.text) for turn in command.turns)
    assert MAX_TURN_BYTES - 31_000 < size <= MAX_TURN_BYTES
    assert command.turns_omitted == 31 - len(command.turns)
    assert command.turns[-1].text == "get me a human"


def test_a_text_longer_than_any_normaliser_lets_through_is_cut() -> None:
    talk = Talk()
    talk.customer("get me a human " + "y" * 500_000, 0)
    assert len(talk.opened[0].turns[0].text) == 32_000


@pytest.mark.parametrize(
    ("fields", "texts", "intent", "source", "group"),
    [
        ({"intent": "billing.duplicate_charge"}, ["get me a human"], "billing.duplicate_charge", "platform", "Billing"),
        ({"attributes": {"area": "Device"}}, ["get me a human"], "technical", "attribute", "Tier 2"),
        ({"tags": ["BUG"]}, ["get me a human"], "technical", "tag", "Tier 2"),
        ({}, ["I was charged twice", "get me a human"], "billing", "words", "Billing"),
        ({}, ["an error on my invoice", "it crashes too, get me a human"], "technical", "words", "Tier 2"),
        ({}, ["get me a human"], None, None, "Support"),
        ({"intent": "weather"}, ["get me a human"], "weather", "platform", "Support"),
        ({"intent": "weather"}, ["the invoice: get me a human"], "weather", "platform", "Billing"),
    ],
)
def test_the_intent_comes_from_the_surest_source_and_routes_the_ticket(
    fields: dict[str, object], texts: list[str], intent: str | None, source: str | None, group: str
) -> None:
    talk = Talk()
    for at, text in enumerate(texts):
        talk.customer(text, at, **fields)
    command = talk.opened[0]
    assert (command.intent, command.intent_source, command.routing.group) == (intent, source, group)


def test_a_topic_known_by_words_comes_with_the_words() -> None:
    talk = Talk()
    talk.customer("I was Charged Twice", 0)
    talk.customer("get me a human", 1)
    evidence = talk.opened[0].evidence[-1]
    assert (evidence.signal, evidence.fired, evidence.value) == ("intent", False, "billing")
    assert (evidence.span, evidence.event_ids) == ("Charged Twice", ("e0",))
    assert talk.opened[0].routing.response is not None
    assert talk.opened[0].routing.response.within_minutes == 240


def test_a_customer_cannot_pick_a_queue_by_naming_it() -> None:
    talk = Talk()
    talk.customer("group: Billing priority: urgent tags: vip. get me a human", 0)
    assert (talk.opened[0].routing.group, talk.opened[0].routing.priority) == ("Support", "normal")
    assert talk.opened[0].tags == ()


def test_what_the_customer_adds_is_appended_once_per_event() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    first = talk.customer("my order is 77", 10, event_id="more", attachments=[{"url": "https://cdn/y.png"}])
    assert talk.customer("my order is 77", 10, event_id="more").verdict == "duplicate"
    command = talk.appended[0]
    assert first.commands == (command,)
    assert command.action_id == action_id(command.escalation_id, "append:more")
    assert (command.turn.text, command.turn.attachments[0].url) == ("my order is 77", "https://cdn/y.png")
    assert command.escalation_id == talk.opened[0].escalation_id
    assert talk.verdicts == ["escalated", "appended", "duplicate"]


def test_nothing_else_is_appended() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    talk.ai("I have passed it on", 1)
    talk.tell("message", 2, author="system", text="joined")
    talk.verdict("escalated", 3)
    talk.tell("human_requested", 4)
    assert talk.appended == []
    assert len(talk.opened) == 1


def test_nothing_is_appended_where_the_agents_see_the_chat() -> None:
    held = Talk()
    held.customer("get me a human", 0)
    held.control("human", 5)
    assert held.customer("are you there?", 10).verdict == "seen_by_agents"
    messaging = Talk(common={"platform": "zendesk-sunco"})
    messaging.customer("get me a human", 0)
    assert messaging.customer("are you there?", 10).verdict == "seen_by_agents"
    assert held.appended == messaging.appended == []


def test_a_message_that_came_late_is_appended_too() -> None:
    talk = Talk()
    talk.customer("get me a human", 10)
    assert talk.customer("my order is 77", 5).verdict == "appended"


def test_a_merged_conversation_is_named_in_the_ticket() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.tell("identified", 1, merged_conversation_id="c0")
    talk.customer("get me a human", 2)
    assert talk.opened[0].attributes == {"merged_conversations": "c0"}


def test_a_test_conversation_says_so_in_every_record() -> None:
    talk = Talk()
    talk.customer("hello", 0, test=True)
    talk.customer("get me a human", 1)
    talk.customer("and more", 2)
    talk.ended("human", 3)
    assert [talk.opened[0].test, talk.appended[0].test, talk.outcomes[0].test] == [True] * 3


def test_commands_pass_the_wire_unchanged() -> None:
    talk = Talk()
    talk.customer("get me a human", 0, attributes={"n": 1, "f": 1.5, "b": True, "none": None})
    talk.customer("and more", 1)
    for command in (talk.opened[0], talk.appended[0]):
        assert COMMAND.validate_json(command.model_dump_json()) == command


@pytest.mark.parametrize(
    ("number", "kept"), [(2**63 - 1, 2**63 - 1), (-(2**63), -(2**63)), (2**63, str(2**63)), (2**1024, f"{2**1024:#x}")]
)
def test_numbers_too_long_to_be_stored_are_kept_as_text(number: int, kept: int | str) -> None:
    talk = Talk()
    talk.customer("get me a human", 0, attributes={"n": number})
    assert talk.opened[0].attributes == {"n": kept}


def test_learning_is_bounded() -> None:
    talk = Talk()
    for at in range(60):
        talk.tell("identified", at, attributes={f"k{at}": "v" * 5_000}, tags=[f"t{at}"])
    talk.customer("get me a human", 100)
    assert len(talk.opened[0].attributes) == 40
    assert max(len(str(value)) for value in talk.opened[0].attributes.values()) == 500
    assert len(talk.opened[0].tags) == 30


def test_the_example_policy_routes_the_demo_cases() -> None:
    example = rules(EXAMPLE)
    for text, group in [
        ("Hi, I was charged twice for my July invoice.", "Billing"),
        ("My router shows an error and will not start.", "Tier 2"),
        ("Mi factura está mal", "Billing"),
        ("Meine App stürzt ab", "Tier 2"),
        ("Où est ma commande ?", "Logistics"),
        ("my parcel never arrived", "Logistics"),
        ("hello there", "Support"),
    ]:
        talk = Talk(example)
        talk.customer(text, 0)
        talk.customer("get me a human", 1)
        assert talk.opened[0].routing.group == group, text


def test_a_date_at_the_end_of_time_is_survived() -> None:
    talk = Talk()
    talk.tell("message", 0, author="customer", text="hello", occurred_at="9999-12-31T23:59:59.999999Z")
    assert len(talk.pass_time(60 * 60 * 24 * 365 * 8_000)) == 3
    assert talk.state is None


def test_what_is_learnt_of_a_person_is_bounded_and_links_are_never_cut() -> None:
    talk = Talk()
    talk.customer(
        "get me a human",
        0,
        customer={"id": "u" * 5_000, "external_id": "u1", "name": "n" * 5_000},
        route={"reply_url": "https://x/" + "y" * 5_000, "close_url": "https://x/close"},
        attachments=[{"url": "https://x/" + "y" * 5_000}, {"url": "https://x/file"}],
        locale="d" * 500,
        intent="i" * 500,
    )
    command = talk.opened[0]
    assert (command.customer.id, command.customer.external_id) == (None, "u1")
    assert len(command.customer.name or "") == 100
    assert (command.route.reply_url, command.route.close_url) == (None, "https://x/close")
    assert [file.url for file in command.attachments] == ["https://x/file"]
    assert (len(command.locale or ""), len(command.intent or "")) == (100, 100)
