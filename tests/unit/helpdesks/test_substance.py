"""What the customer wants is found among greetings and calls for a person."""

import pytest

from agents.helpdesks.substance import last_answer, substantive, wants
from tests.support.drafts import BILLING, turn


@pytest.mark.parametrize(
    "said",
    [
        "hello",
        "Hi there!",
        "human please",
        "I want to talk to a real person, please!",
        "agent",
        "Thanks",
        "ok",
        "Quiero hablar con un agente, por favor",
        "Hallo, ich möchte bitte mit einem Menschen sprechen",
        "Bonjour, je voudrais parler à un conseiller s'il vous plaît",
        "👍",
        "???",
        "",
    ],
)
def test_greetings_and_calls_for_a_person_say_nothing_of_the_matter(said: str) -> None:
    assert not substantive(said)


@pytest.mark.parametrize(
    "said",
    [
        "I was charged twice",
        "refund order",
        "#5521",
        "Mi pedido no ha llegado",
        "Meine Rechnung ist falsch",
        "注文した商品が届きません",
        "חשבונית כפולה",
    ],
)
def test_a_matter_is_recognised_in_any_script(said: str) -> None:
    assert substantive(said)


def test_the_longest_matter_wins_over_longer_small_talk() -> None:
    turns = (
        turn("customer", "I want to talk to a real person, please, a human, a real human agent, now please", 1),
        turn("customer", "charged twice", 2),
        turn("customer", "charged twice for July", 3),
        turn("ai", "This is a very long answer about invoices and everything else there is to say", 4),
    )
    assert wants(turns) == "charged twice for July"


def test_where_nothing_says_anything_the_longest_stands() -> None:
    assert wants((turn("customer", "hi"), turn("customer", "human please", 1))) == "human please"


def test_what_an_autoresponder_wrote_is_not_what_the_customer_wants() -> None:
    away = turn("customer", "I am out of office until Monday, write to my colleague instead", automatic=True)
    assert wants((away, turn("customer", "refund order 7", 1))) == "refund order 7"
    assert wants((away,)) is None


def test_silence_and_invisible_text_are_nothing() -> None:
    assert wants(()) is None
    assert wants((turn("customer", "\u200b\u200b  \n"),)) is None


def test_the_last_answer_is_the_last_that_says_something() -> None:
    assert last_answer(BILLING) == "You can find your invoices under Settings > Billing."
    assert last_answer((turn("ai", "  "),)) is None
