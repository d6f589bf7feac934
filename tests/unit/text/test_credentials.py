"""Accounts, credentials and contact data: what is masked, what is not."""

import json

import pytest

from agents.text.mask import mask, mask_bytes

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PEM = (
    "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,12\n\n"
    "MIIEow+/=\nabc\n-----END RSA PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("DE89 3704 0044 0532 0130 00 please", "DE** **** **** **** **30 00 please"),
        ("de89370400440532013000", "de****************3000"),
        ("GB82 WEST 1234 5698 7654 32", "GB** **** **** **** **54 32"),
        ("GB82-WEST-1234-5698-7654-32.", "GB**-****-****-****-**54-32."),
        ("NO93 8601 1117 947", "NO** **** ***7 947"),
        ("\uff24\uff2589 3704 0044 0532 0130 00", "\uff24\uff25** **** **** **** **30 00"),
        ("IBAN:FR1420041010050500013M02606", "IBAN:FR*********************2606"),
    ],
)
def test_a_valid_iban_keeps_country_and_last_four(typed: str, shown: str) -> None:
    assert mask(typed) == (shown, {"iban": 1})


@pytest.mark.parametrize(
    "typed",
    [
        "DE89 3704 0044 0532 0130 01",
        "ZZ89 3704 0044 0532 0130 00",
        "DE89 3704 0044",
        "order AB12 3456 7890 1234 5678",
        "XDE89370400440532013000",
    ],
)
def test_what_is_no_iban_stays(typed: str) -> None:
    assert mask(typed) == (typed, {})


@pytest.mark.parametrize(
    ("typed", "shown", "kind"),
    [
        (f"token {JWT} here", "token [secret] here", "secret"),
        ("key sk-proj-Abc123Abc123Abc123 ok", "key [secret] ok", "secret"),
        ("sk_live_4eC39HqLyjWDarjtT1zdp7dc", "[secret]", "secret"),
        ("AKIAIOSFODNN7EXAMPLE", "[secret]", "secret"),
        ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "[secret]", "secret"),
        ("xoxb-123456789012-abcdefghijkl", "[secret]", "secret"),
        ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "[secret]", "secret"),
        (f"my key:\n{PEM}\nthanks", "my key:\n[secret]\nthanks", "secret"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nand it stops", "[secret]\nand it stops", "secret"),
        ("Authorization: Bearer abcdefghij0123456789", "Authorization: Bearer [secret]", "secret"),
        ("Authorization: Basic bWF5YTpodW50ZXIyMTIzNDU2", "Authorization: Basic [secret]", "secret"),
        ("https://maya:s3cret@shop.example/x", "https://maya:[password]@shop.example/x", "password"),
        ("password: hunter2", "password: [password]", "password"),
        ("Password = 'correct horse'", "Password = '[password]'", "password"),
        ("my password is hunter2!", "my password is [password]!", "password"),
        ("user: maya pass: h2nter", "user: maya pass: [password]", "password"),
        ("pwd:abc", "pwd:[password]", "password"),
        ("Passwort: geheim99", "Passwort: [password]", "password"),
        ("mein Passwort lautet g3heim", "mein Passwort lautet [password]", "password"),
        ("mot de passe : s3same", "mot de passe : [password]", "password"),
        ("contraseña: abc123", "contraseña: [password]", "password"),
        ("senha: abc123", "senha: [password]", "password"),
        ("wachtwoord: abc123", "wachtwoord: [password]", "password"),
        ("PIN: 1234", "PIN: [password]", "password"),
        ("api_key=abc123def", "api_key=[password]", "password"),
        ("login maya / password:\nhunter2", "login maya / password:\n[password]", "password"),
        ("CVV 123", "CVV ***", "card_code"),
        ("security code is 1234.", "security code is ****.", "card_code"),
    ],
)
def test_a_credential_is_taken_out(typed: str, shown: str, kind: str) -> None:
    assert mask(typed) == (shown, {kind: 1})


@pytest.mark.parametrize(
    "typed",
    [
        "my password is wrong",
        "the password is not working",
        "password: how do I reset it?",
        "forgot password",
        "Password: please reset",
        "passwords are hard",
        "I lost my API key",
        "task-management sk-8 disk-usage",
        "the bearer of bad news arrived yesterday",
        "a token of appreciation",
        "my security code 123456 came by text",
        "see https://shop.example:8080/x@y",
        "eyJ is a prefix",
        "SKU AKIA1234",
        "password: [password]",
        "password: ******",
    ],
)
def test_talk_about_credentials_stays(typed: str) -> None:
    assert mask(typed) == (typed, {})


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("write to maya.o+x@mail.example.com.", "write to [email]."),
        ("<maya@example.com>", "<[email]>"),
        ("m\u00fcller@b\u00fccher.example", "[email]"),
        ("maya\uff20example.com", "[email]"),
        ("call +49 (151) 234-56789 now", "call [phone] now"),
        ("+4915123456789", "[phone]"),
        ("0049 30 901820", "[phone]"),
        ("030 / 901820", "[phone]"),
        ("06 12 34 56 78", "[phone]"),
        ("06.12.34.56.78", "[phone]"),
        ("(415) 555-0132", "[phone]"),
        ("1-415-555-0132", "[phone]"),
        ("0612345678", "[phone]"),
        ("my phone is 5550132999", "my phone is [phone]"),
        ("Telefon: 901820", None),
        ("Telefon: 9018201", "Telefon: [phone]"),
    ],
)
def test_contact_data_goes_on_demand_alone(typed: str, shown: str | None) -> None:
    assert mask(typed) == (typed, {})
    assert mask(typed, email=True, phone=True)[0] == (shown or typed)


@pytest.mark.parametrize(
    "typed",
    [
        "order 5550132999",
        "order #5521, invoice 2024-0045-77",
        "on 01.02.2024 10:00 and 11/07/2026",
        "2026-07-11T10:00:00Z",
        "1Z999AA10123456784",
        "EUR 1,234,567.00",
        "192.168.100.10",
        "@maya and a@b",
    ],
)
def test_other_numbers_are_no_contact_data(typed: str) -> None:
    assert mask(typed, email=True, phone=True) == (typed, {})


def test_a_raw_record_keeps_its_length_and_its_shape() -> None:
    body = {
        "id": "4111111111111111",
        "conversation_id": 4111111111111111,
        "created_at": 4111111111111111,
        "text": "card 4111 1111 1111 1111 \u20ac password: hunter2\nIBAN DE89 3704 0044 0532 0130 00",
        "password": "x1y2z3",
        "key": PEM,
    }
    for raw in (json.dumps(body).encode(), json.dumps(body, ensure_ascii=False).encode()):
        masked, counts = mask_bytes(raw)
        assert len(masked) == len(raw)
        assert counts == {"card": 1, "iban": 1, "password": 2, "secret": 1}
        read = json.loads(masked)
        assert read["text"] == ("card **** **** **** 1111 \u20ac password: *******\nIBAN DE** **** **** **** **30 00")
        assert read["password"] == "******"
        assert set(read["key"]) == {"*"}
        assert {key: read[key] for key in ("id", "conversation_id", "created_at")} == {
            key: body[key] for key in ("id", "conversation_id", "created_at")
        }


def test_a_number_that_is_a_whole_text_is_no_identifier() -> None:
    assert mask_bytes(b'{"text":"4111111111111111"}')[0] == b'{"text":"************1111"}'
    assert mask_bytes(b'{"id":"my card 4111111111111111"}')[0] == b'{"id":"my card ************1111"}'
    assert mask_bytes(b"4111111111111111")[0] == b"************1111"
    assert mask_bytes(b"") == (b"", {})
