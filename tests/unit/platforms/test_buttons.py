"""Labels of buttons that ask for a person, and labels that only look like it."""

import pytest

from agents.platforms.buttons import asks_for_a_person


@pytest.mark.parametrize(
    "label",
    [
        "Talk to a person", "Human", "Agent please", "Live agent", "A real person", "Speak with a human agent",
        "I need a human!", "Connect me to someone", "Chat with the team", "Contact support", "Talk to support",
        "👩 Talk to an agent", "Get a human", "Request a specialist", "Reach an advisor",
        "Hablar con una persona", "Quiero un agente", "Contactar con soporte", "Agente humano",
        "Mit einem Mitarbeiter sprechen", "Mitarbeiter kontaktieren", "Echter Mensch", "Kundenservice kontaktieren",
        "Parler à un conseiller", "Contacter un conseiller", "Je veux parler à quelqu’un", "Falar com um atendente",
    ],
)  # fmt: skip
def test_a_label_that_asks_for_a_person(label: str) -> None:
    assert asks_for_a_person(label)


@pytest.mark.parametrize(
    "label",
    [
        "", "👍", "That helped", "Yes", "No", "Billing", "Someone else", "Get support", "Team", "People",
        "Change contact person", "Agent settings", "No, I don't need a human", "Continue without an agent",
        "Nicht mit einem Mitarbeiter sprechen", "No quiero hablar con un agente", "Pas besoin d'un conseiller",
        "What does a support agent of yours usually earn in a year", "Persona", "Talk about my order", "Contact",
    ],
)  # fmt: skip
def test_a_label_that_does_not(label: str) -> None:
    assert not asks_for_a_person(label)
