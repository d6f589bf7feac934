from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.notifier.mail import Envelope, Recipient, Sender, build_message, sender_of
from agents.notifier.plan import Letter
from streams.errors import Refused
from tests.support.notices import NOON

SENDER = sender_of("help@acme.com", "Acme Support", null_sender=True)
LETTER = Letter("Your request 4711", "Hello,\n\nYour request has the number 4711. <b>&amp;\n\nAcme", "en")


def build(
    letter: Letter = LETTER,
    sender: Sender = SENDER,
    address: str = "maya@example.org",
    answers: str | None = "<abc.1@mail.example.org>",
) -> Envelope:
    return build_message(
        letter,
        sender=sender,
        recipient=Recipient(address, answers),
        notification_id="0b6f9a52-0000-5000-8000-000000000001",
        escalation_id="0b6f9a52-0000-5000-8000-000000000002",
        at=NOON,
    )


def parsed(envelope: Envelope) -> EmailMessage:
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_the_mail_says_that_it_is_automatic_and_what_it_answers() -> None:
    message = parsed(build())
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Message-ID"] == "<0b6f9a52-0000-5000-8000-000000000001@acme.com>"
    assert message["In-Reply-To"] == message["References"] == "<abc.1@mail.example.org>"
    assert message["X-Handoff-Escalation"] == "0b6f9a52-0000-5000-8000-000000000002"
    assert message["From"] == "Acme Support <help@acme.com>"
    assert message["To"] == "maya@example.org"
    assert message["Subject"] == "Your request 4711"
    assert message["Date"] == "Wed, 15 Jul 2026 12:00:00 +0000"


def test_our_own_filter_knows_the_mail_as_automatic() -> None:
    from agents.text.automatic import certain

    message = parsed(build())
    assert certain({name.lower(): str(value) for name, value in message.items()}) is not None


def test_it_has_a_plain_text_and_a_small_html_that_say_the_same_and_run_nothing() -> None:
    message = parsed(build())
    assert message.get_content_type() == "multipart/alternative"
    assert part(message, "plain").replace("\r\n", "\n").rstrip("\n") == LETTER.text
    html = part(message, "html")
    assert "&lt;b&gt;&amp;amp;" in html
    assert "<b>" not in html
    assert '<html lang="en">' in html


def test_a_repeat_is_the_same_to_the_byte() -> None:
    assert build().content == build().content


def test_the_envelope_sender_is_null_unless_a_relay_refuses_it() -> None:
    assert build().sender == ""
    assert build(sender=sender_of("help@acme.com", None, null_sender=False)).sender == "help@acme.com"


@pytest.mark.parametrize(
    ("given_id", "header"),
    [
        ("abc@x.org", "<abc@x.org>"),
        ("  <abc@x.org>  ", "<abc@x.org>"),
        (None, None),
        ("", None),
        ("no at sign", None),
        ("<a@b>\r\nBcc: eve@example.org", None),
        ("<a@b> <c@d>", None),
        ("<" + "a" * 300 + "@b>", None),
    ],
)
def test_the_thread_is_kept_where_the_message_id_is_a_plain_one(given_id: str | None, header: str | None) -> None:
    message = parsed(build(answers=given_id))
    assert message["In-Reply-To"] == header
    assert message["References"] == header
    assert "Bcc" not in message


def test_a_foreign_mailbox_needs_smtputf8_and_a_foreign_domain_does_not() -> None:
    foreign = build(address="用户@例子.广告")
    assert foreign.needs_utf8
    assert foreign.recipient == "用户@xn--fsqu00a.xn--4rr70v"
    assert "用户" in foreign.content.decode()
    domain = build(address="maya@bücher.example")
    assert not domain.needs_utf8
    assert domain.recipient == "maya@xn--bcher-kva.example"
    assert domain.content.isascii()


@pytest.mark.parametrize("address", ["", "maya", "a@b.org, c@d.org", "maya@example.org\r\nBcc: eve@example.org"])
def test_no_mail_is_built_for_what_is_no_address(address: str) -> None:
    with pytest.raises(ValueError):
        build(address=address)


@pytest.mark.parametrize("address", ["help", "hélp@acme.com", "help@acme.com\n"])
def test_a_sender_that_servers_would_not_take_is_refused(address: str) -> None:
    with pytest.raises(Refused, match=r"email\.from_address"):
        sender_of(address, None, null_sender=True)


WILD = st.text(max_size=120)


@given(subject=WILD, text=WILD, name=WILD, answers=WILD)
def test_no_text_whatever_adds_a_header_or_a_recipient(subject: str, text: str, name: str, answers: str) -> None:
    clean = text.encode("utf-8", "ignore").decode()
    sender = sender_of("help@acme.com", name.encode("utf-8", "ignore").decode(), null_sender=True)
    letter = Letter(subject.encode("utf-8", "ignore").decode(), clean, "en")
    message = parsed(build(letter, sender, answers=answers))
    expected = {name.lower() for name in parsed(build())} | {"in-reply-to", "references"}
    assert {name.lower() for name in message} <= expected
    assert [found.addr_spec for found in message["To"].addresses] == ["maya@example.org"]
    assert [found.addr_spec for found in message["From"].addresses] == ["help@acme.com"]
