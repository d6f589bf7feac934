"""Phrases in which customers ask for a person, and phrases in which they do not, in four languages."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.escalation.requests import accepts, contented, detect, offers_person
from agents.policy.words import fold, words_of

_FOLDER = Path(__file__).parent / "phrases"


def _phrases(name: str) -> list[str]:
    lines = (_FOLDER / f"{name}.txt").read_text().splitlines()
    return [line.split("|", 1)[1] for line in lines if line and not line.startswith("#")]


ASKS = _phrases("asks")
DOES_NOT = _phrases("does_not_ask")


def test_both_tables_are_large_and_cover_four_languages() -> None:
    for name in ("asks", "does_not_ask"):
        lines = [line for line in (_FOLDER / f"{name}.txt").read_text().splitlines() if not line.startswith("#")]
        by_language = {
            language: sum(line.startswith(f"{language}|") for line in lines) for language in ["en", "es", "de", "fr"]
        }
        assert len(lines) >= 300
        assert min(by_language.values()) >= 50, by_language


@pytest.mark.parametrize("text", ASKS)
def test_it_asks_for_a_person(text: str) -> None:
    assert detect(text) is not None


@pytest.mark.parametrize("text", DOES_NOT)
def test_it_does_not_ask_for_a_person(text: str) -> None:
    assert detect(text) is None


@pytest.mark.parametrize("text", ASKS)
def test_a_request_is_found_behind_a_sentence_and_in_capitals(text: str) -> None:
    assert detect(f"My order 5521 has not arrived.\n{text}") is not None
    assert detect(text.upper()) is not None


@pytest.mark.parametrize("text", DOES_NOT)
def test_no_request_is_found_in_capitals_or_behind_a_greeting(text: str) -> None:
    assert detect(text.upper()) is None
    assert detect(f"Good morning. {text}") is None


def test_the_span_is_in_the_customers_own_spelling() -> None:
    found = detect("Hallo, ich MÖCHTE bitte mit einem Menschen sprechen!")
    assert found is not None
    assert found.span == "mit einem Menschen sprechen"
    assert detect("Please get me a REAL person now") == ("get me a REAL person", "words")


def test_words_quoted_from_a_mail_are_not_the_customers() -> None:
    assert detect("Thanks, it works now.\n> If you want to talk to a human, reply to this mail.") is None
    assert detect("> reply to this mail\nI want to talk to a human") is not None


def test_a_request_far_below_pasted_text_is_not_read() -> None:
    assert detect("log line without meaning\n" * 400 + "talk to a human") is None


@pytest.mark.parametrize(
    "text",
    [
        "Would you like to talk to a human agent?",
        "I could not find it. Shall I connect you to a colleague?",
        "¿Quieres que te conecte con un agente?",
        "Möchten Sie mit einem Mitarbeiter sprechen?",
        "Soll ich Sie mit einem Kollegen verbinden?",
        "Voulez-vous parler à un conseiller ?",
        "Souhaitez-vous que je vous transfère à un conseiller ?",
    ],
)
def test_an_ai_that_offers_a_person_is_understood(text: str) -> None:
    assert offers_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "Did that help?",
        "Your agent will call you. Anything else?",
        "Which person is the order for?",
        "I will connect you with a human now.",
        "Our support team is here from 9 to 5. What is your order number?",
    ],
)
def test_other_questions_offer_no_person(text: str) -> None:
    assert not offers_person(text)


@pytest.mark.parametrize(
    "text", ["yes", "Yes please!", "sure", "ok, do it", "sí, por favor", "ja bitte", "gerne", "oui svp", "d'accord"]
)
def test_a_plain_yes_accepts(text: str) -> None:
    assert accepts(words_of(fold(text)))


@pytest.mark.parametrize(
    "text", ["no", "no thanks", "yes but later and only if it is cheap", "", "my order", "nein danke"]
)
def test_anything_else_does_not_accept(text: str) -> None:
    assert not accepts(words_of(fold(text)))


@pytest.mark.parametrize(
    "text",
    [
        "thanks", "worked, thanks!", "Thank you so much, that helped", "ok great, bye", "muchas gracias por la ayuda",
        "perfecto, ya funciona", "Danke, das hat geklappt", "super, vielen Dank", "merci beaucoup",
        "c'est réglé, merci", "thx", "No more questions, thank you", "Vielen Dank für die schnelle Hilfe",
        "Merci pour votre aide, bonne journée",
    ],
)  # fmt: skip
def test_thanks_and_goodbyes_wait_for_no_answer(text: str) -> None:
    folded = fold(text)
    assert contented(folded, words_of(folded))


@pytest.mark.parametrize(
    "text",
    [
        "thanks but it still does not work", "thanks, where is my order?", "great, it broke again and I want a refund",
        "no funciona", "danke, aber das hilft nicht", "merci mais ça ne marche pas", "", "hello", "yes", "help",
    ],
)  # fmt: skip
def test_thanks_with_a_but_wait_for_an_answer(text: str) -> None:
    folded = fold(text)
    assert not contented(folded, words_of(folded))


@given(st.text(max_size=300))
def test_no_text_breaks_the_reading(text: str) -> None:
    detect(text)
    offers_person(text)
    folded = fold(text)
    contented(folded, words_of(folded))


@given(st.text(st.sampled_from("abc human agent talk to a i want dont ,.?!\n'’éß "), max_size=2_000))
def test_the_span_stands_in_the_text(text: str) -> None:
    found = detect(text)
    assert found is None or fold(found.span) in fold(text)
