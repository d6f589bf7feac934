import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.notifier.addresses import ascii_domain, refusal, split_address

OWN = "help@acme.com"
DESK = "https://acme.zendesk.com"


@pytest.mark.parametrize(
    "address",
    [
        "maya@example.org",
        "maya.o'hara+shop@mail.example.co.uk",
        "MAYA@Example.org",
        "用户@例子.广告",
        "josé@exämple.fr",
        "reply-to-me@example.org",
        "help@other.com",
        "notnoreply@example.org",
    ],
)
def test_a_person_may_be_written_to(address: str) -> None:
    assert refusal(address, own_address=OWN, helpdesk_url=DESK) is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "address_malformed"),
        ("maya", "address_malformed"),
        ("maya@localhost", "address_malformed"),
        ("maya@example.org,eve@example.org", "address_malformed"),
        ("maya@example.org\r\nBcc: eve@example.org", "address_malformed"),
        ("maya@example.org\n", "address_malformed"),
        ("Maya <maya@example.org>", "address_malformed"),
        ('"a b"@example.org', "address_malformed"),
        ("maya@[127.0.0.1]", "address_malformed"),
        ("maya@127.0.0.1", "address_malformed"),
        ("maya@@example.org", "address_malformed"),
        (".maya@example.org", "address_malformed"),
        ("maya@exa mple.org", "address_malformed"),
        ("maya@-example.org", "address_malformed"),
        ("maya@example..org", "address_malformed"),
        ("maya\u202e@example.org", "address_malformed"),
        ("maya\u200b@example.org", "address_malformed"),
        ("maya@exam\u200bple.org", "address_malformed"),
        ("m" * 65 + "@example.org", "address_malformed"),
        ("maya@" + "a" * 250 + ".org", "address_malformed"),
        ("maya@shop.invalid", "address_unreachable"),
        ("noreply@example.org", "address_of_robot"),
        ("no-reply+7@example.org", "address_of_robot"),
        ("No_Reply@example.org", "address_of_robot"),
        ("do-not-reply@example.org", "address_of_robot"),
        ("MAILER-DAEMON@example.org", "address_of_robot"),
        ("postmaster@example.org", "address_of_robot"),
        ("bounces+12=x@example.org", "address_of_robot"),
        ("HELP@acme.com", "address_of_ours"),
        ("help+4711@ACME.com", "address_of_ours"),
        ("support@acme.zendesk.com", "address_of_ours"),
        ("support+id1@other.zendesk.com", "address_of_ours"),
        ("support@acme.freshdesk.com", "address_of_ours"),
    ],
)
def test_robots_ourselves_and_what_is_no_address_are_not_written_to(address: str, why: str) -> None:
    assert refusal(address, own_address=OWN, helpdesk_url=DESK) == why


def test_the_mailbox_of_a_self_hosted_helpdesk_is_ours() -> None:
    assert refusal("it@desk.acme.com", own_address=OWN, helpdesk_url="https://desk.acme.com/x") == "address_of_ours"
    assert refusal("it@desk.acme.com", own_address=OWN) is None


@pytest.mark.parametrize(
    ("domain", "ascii_form"),
    [
        ("Example.ORG", "example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("straße.de", "xn--strae-oqa.de"),  # IDNA 2008: not `strasse.de`, which is somebody else's
        ("例子.广告", "xn--fsqu00a.xn--4rr70v"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("exam☃ple.org", None),
        ("com", None),
        ("", None),
    ],
)
def test_a_foreign_domain_has_one_ascii_form(domain: str, ascii_form: str | None) -> None:
    assert ascii_domain(domain) == ascii_form


@given(st.text(max_size=300))
def test_what_is_accepted_has_no_room_for_a_header_or_a_second_address(address: str) -> None:
    split = split_address(address)
    if split is not None:
        assert not set("".join(split)) & set(' \r\n\t,;<>()[]:"\\@')
        assert split[1].isascii()
        assert split[1] == split[1].lower()
