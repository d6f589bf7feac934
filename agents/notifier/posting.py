"""From a notice to a mail on its way: who sends it, to whom, and what answers what."""

from agents.notifier.mail import Recipient, Sender, build_message, sender_of
from agents.notifier.mail_brake import MailBrake
from agents.notifier.plan import Words
from agents.notifier.reach import Post
from agents.notifier.smtp import SmtpPost
from agents.platforms.port import CallFailed
from agents.settings import TenantSettings
from streams.clock import Clock
from streams.contracts.notification_events import AnyNotification
from streams.errors import Refused


class Posting:
    """Makes the mail of each tenant. Without a server there is none."""

    def __init__(self, smtp: SmtpPost | None, clock: Clock) -> None:
        """`clock` dates the mails."""
        self._smtp = smtp
        self._clock = clock
        self._brake = MailBrake()

    def of(self, tenant: TenantSettings) -> Post | None:
        """How `tenant` mails, or None where it cannot."""
        smtp = self._smtp
        if smtp is None or tenant.email is None:
            return None
        try:
            sender = _sender(tenant)
        except Refused:  # the start refuses such a tenant; one that came by a reload mails nobody
            return None

        async def post(words: Words, notification: AnyNotification) -> None:
            try:
                envelope = build_message(
                    words.letter,
                    sender=sender,
                    recipient=Recipient(notification.customer.email or "", notification.route.email_message_id),
                    notification_id=notification.notification_id,
                    escalation_id=notification.escalation_id,
                    at=self._clock.now(),
                )
            except ValueError:
                raise CallFailed("mail_malformed", retryable=False) from None
            if not self._brake.admits(notification.tenant, envelope.recipient, self._clock.monotonic()):
                raise CallFailed("mail_brake", retryable=False)
            await smtp.send(envelope)

        return post


def check_sender(tenant_id: str, tenant: TenantSettings) -> None:
    """`Refused` where `tenant` has a sender that no server would take."""
    if tenant.email is not None:
        try:
            _sender(tenant)
        except Refused as refused:
            raise Refused(f"tenants.{tenant_id}.{refused}") from None


def _sender(tenant: TenantSettings) -> Sender:
    assert tenant.email is not None, "asked only where there is one"
    email = tenant.email
    return sender_of(email.from_address, email.from_name or tenant.brand_name, null_sender=email.null_sender)
