"""In which channel the customer is told: where they wrote, else by e-mail, else nowhere, and why. Pure."""

from typing import Literal, NamedTuple

from agents.notifier.addresses import refusal
from agents.settings import TenantSettings
from streams.contracts.notification_events import AnyNotification

Telling = Literal["reply", "email"]


class Channel(NamedTuple):
    """One way to reach the customer. `missing`: a slug that says why it cannot even be tried."""

    step: Telling
    missing: str | None = None


def channels_for(
    notification: AnyNotification, tenant: TenantSettings, *, has_adapter: bool, has_smtp: bool
) -> tuple[Channel, ...]:
    """The ways in the order in which they are tried; the first that works is the only one used.

    The platform comes first for e-mail conversations too: Intercom mails what a teammate replies, and an
    application that named a `reply_url` wants to deliver itself. Where it cannot, it says so, and we mail.
    """
    return (
        Channel("reply", _no_reply(notification, tenant, has_adapter=has_adapter)),
        Channel("email", _no_email(notification, tenant, has_smtp=has_smtp)),
    )


def _no_reply(notification: AnyNotification, tenant: TenantSettings, *, has_adapter: bool) -> str | None:
    if not has_adapter:
        return "no_adapter"
    return None if notification.platform in tenant.platforms else "not_configured"


def _no_email(notification: AnyNotification, tenant: TenantSettings, *, has_smtp: bool) -> str | None:
    if tenant.email is None:
        return "no_sender"
    if not has_smtp:
        return "no_smtp"
    if not notification.customer.email:
        return "no_address"
    helpdesk = tenant.helpdesk.base_url if tenant.helpdesk else None
    return refusal(notification.customer.email, own_address=tenant.email.from_address, helpdesk_url=helpdesk)
