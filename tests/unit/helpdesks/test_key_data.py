"""Key data: in the order an agent looks for it, capped, on one line each."""

import pytest

from agents.helpdesks.key_data import MAX_CHARS, chat_link, key_data
from streams.contracts.people import Customer, Route
from tests.support.drafts import VISITOR, draft


def test_known_data_stands_in_the_agents_order() -> None:
    labels = [line.split(":")[0] for line in key_data(draft(linked_ticket_id="12"))]
    assert labels == [
        "Name",
        "E-mail",
        "External id",
        "Order number",
        "Account id",
        "Channel",
        "Platform",
        "Language",
        "Intent",
        "Earlier ticket",
        "Answer promised within",
        "Plan",
        "Vip",
    ]


@pytest.mark.parametrize("key", ["order_id", "orderNumber", "Order No", "ORDER"])
def test_an_order_number_is_recognised_by_any_spelling(key: str) -> None:
    assert "Order number: 5521" in key_data(draft(attributes={key: "5521"}))


def test_an_anonymous_visitor_has_no_empty_lines() -> None:
    assert not [line for line in key_data(draft(customer=VISITOR, attributes={})) if line.rstrip().endswith(":")]


def test_a_value_cannot_forge_another_line() -> None:
    lines = key_data(draft(customer=Customer(name="Eve\nE-mail: boss@example.com"), attributes={"a\nName": "x"}))
    assert lines[0] == "Name: Eve E-mail: boss@example.com"
    assert sum(line.startswith("Name:") for line in lines) == 1


def test_a_flood_of_attributes_is_cut_and_says_so() -> None:
    lines = key_data(draft(attributes={f"key{at}": "v" * 500 for at in range(100)}))
    assert sum(len(line) for line in lines) <= MAX_CHARS + 100
    assert lines[-1] == "More was known than fits here."


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "https://x.example/{{ticket.id}}", "https://x.example/<b>", "/relative", "https://a b", ""],
)
def test_only_a_plain_web_address_is_the_link_to_the_chat(url: str) -> None:
    assert chat_link(draft(route=Route(conversation_url=url))) is None
    assert chat_link(draft()) == "https://chat.example/c/4711"
