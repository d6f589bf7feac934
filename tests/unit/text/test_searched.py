"""Most texts are searched by few patterns; what that passes over is nothing."""

from hypothesis import example, given
from hypothesis import strategies as st

from agents.text.cards import find_cards
from agents.text.contacts import find_emails, find_phones
from agents.text.credentials import RULES, Secret, find_secrets
from agents.text.folding import fold
from agents.text.ibans import find_ibans
from agents.text.mask import mask
from agents.text.plain import detect
from tests.support.hostile_text import hostile_text, thorough

_TYPED = st.lists(
    st.sampled_from(
        [
            *("password", "Passwort", "PİN", "pın", "mot de passe", "contraseña", "HASŁO", "hasło", "clave", "Senha"),
            *("wachtwoord", "parola d'ordine", "Kennwort", "mdp", "pwd", "api key", "auth-token", "client_secret"),
            *("is", "was", "ist", "lautet", "é", ": ", " = ", "=>", "hunter22", "a?b?c", "'x!y'", "0815", "[secret]"),
            *("cvv", "CVC2", "csc", "card security code", "Prüfziffer", "pruefnummer", "código de seguridad", "123"),
            *("codice di sicurezza", "beveiligingscode", "cryptogramme visuel", "card verification value", "4711"),
            *(
                "bearer",
                "Basic",
                "token",
                "dXNlcjpwYXNzd29yZA==",
                "abcdefghijkl.m0",
                "sk-abcdefghijklmnop",
                "xapp-1234567890",
            ),
            *(
                "eyJabcde.abcde.",
                "AKIAABCDEFGHIJKLMNOP",
                "https://u:p@h",
                "://",
                "-----BEGIN PRIVATE KEY-----",
                "\n",
                " ",
            ),
            *("4111 1111 1111 1111", "DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19", "kim@example.com"),
            *("+49 30 1234567", "(212) 555-1234", "tel 5551234567", "ſecret", "ＰＩＮ", "４１１１", "…", "a", "1"),
        ]
    ),
    max_size=8,
).map(" ".join)


@thorough
@given(st.one_of(hostile_text, _TYPED, _TYPED.map(str.swapcase), _TYPED.map(lambda text: text.replace(" ", ""))))
@example("-----BEGIN PRIVATE KEY-----")
@example("the PİN is a1b2")
def test_no_credential_is_missed_by_a_rule_that_is_not_tried(raw: str) -> None:
    folded = fold(raw)
    searched = {
        Secret(*span, rule.kind)
        for rule in RULES
        for found in rule.pattern.finditer(folded)
        if (span := rule.span(found))
    }
    assert set(find_secrets(folded)) == searched


@thorough
@given(st.one_of(hostile_text, _TYPED, _TYPED.map(str.swapcase)))
def test_what_is_left_as_it_is_holds_nothing_to_mask(raw: str) -> None:
    masked, _ = mask(raw, email=True, phone=True)
    if masked == raw:
        folded = fold(raw)
        for find in (find_secrets, find_ibans, find_cards, find_emails, find_phones):
            assert not [*find(folded)]


@thorough
@given(
    st.lists(
        st.sampled_from(["**a**", "[a](https://b.c)", "```", "~~~", "\n", "---|", "| --- |", "# a", "- b", "x", " "])
    )
)
def test_a_sign_of_markdown_is_seen_wherever_it_stands(parts: list[str]) -> None:
    text = "".join(parts)
    lines = text.split("\n")
    if "**a**" in lines or "[a](https://b.c)" in text or lines.count("# a") >= 2 or "```" in lines or "---|" in lines:
        assert detect(text) == "markdown"
