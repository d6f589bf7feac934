from dataclasses import dataclass, field

import pytest

from agents.notifier.mail import Envelope
from agents.notifier.mail_brake import MAX_MAILS, WINDOW_SECONDS, MailBrake
from agents.notifier.plan import Letter, Words
from agents.notifier.posting import Posting
from agents.notifier.smtp import SmtpPost
from agents.platforms.port import CallFailed, Notice
from agents.settings import EmailSettings, SmtpSettings
from streams.clock import ManualClock
from streams.contracts.people import Customer
from tests.support.notices import NOON, opened, tenant

WORDS = Words(Notice("text", "n-1", "e-1"), Letter("Your request 4711", "Hello.", "en"))


@dataclass
class Outbox(SmtpPost):
    """Keeps what would be sent."""

    sent: list[Envelope] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(SmtpSettings(host="localhost"))

    async def send(self, envelope: Envelope) -> None:
        self.sent.append(envelope)


def test_without_a_server_or_a_sender_a_tenant_cannot_mail() -> None:
    clock = ManualClock(NOON)
    assert Posting(None, clock).of(tenant()) is None
    assert Posting(Outbox(), clock).of(tenant(email=None)) is None
    assert Posting(Outbox(), clock).of(tenant(email=EmailSettings(from_address="nobody"))) is None


async def test_a_mail_is_from_the_brand_to_the_customer() -> None:
    outbox = Outbox()
    post = Posting(outbox, ManualClock(NOON)).of(tenant(email=EmailSettings(from_address="help@acme.com")))
    assert post is not None
    await post(WORDS, opened())
    assert outbox.sent[0].recipient == "maya@example.com"
    assert b"From: Acme <help@acme.com>" in outbox.sent[0].content


async def test_an_address_that_turned_out_to_be_none_is_refused_for_good() -> None:
    post = Posting(Outbox(), ManualClock(NOON)).of(tenant())
    assert post is not None
    with pytest.raises(CallFailed, match=r"^mail_malformed$") as failed:
        await post(WORDS, opened(customer=Customer(email="a@b.org\nBcc: c@d.org")))
    assert not failed.value.retryable


async def test_one_address_gets_so_many_mails_an_hour_and_no_more() -> None:
    clock, outbox = ManualClock(NOON), Outbox()
    post = Posting(outbox, clock).of(tenant())
    assert post is not None
    for _ in range(MAX_MAILS):
        await post(WORDS, opened())
    with pytest.raises(CallFailed, match=r"^mail_brake$"):
        await post(WORDS, opened(customer=Customer(email="MAYA@example.com")))
    await post(WORDS, opened(customer=Customer(email="other@example.com")))
    clock.advance(WINDOW_SECONDS)
    await post(WORDS, opened())
    assert len(outbox.sent) == MAX_MAILS + 2


def test_the_brake_forgets_whom_it_has_not_mailed_for_long() -> None:
    brake = MailBrake(max_addresses=10)
    for _ in range(MAX_MAILS):
        assert brake.admits("acme", "a@b.org", 0.0)
    for number in range(10):
        brake.admits("acme", f"{number}@b.org", 1.0)
    assert brake.admits("acme", "a@b.org", 2.0)
