"""From one notification to its plan and its ways: what the tenant's settings, texts and channels make of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agents.notifier.channels import channels_for
from agents.notifier.gates import Gates
from agents.notifier.history import History
from agents.notifier.phrasebooks import Phrasebooks
from agents.notifier.plan import Plan, asks_for_address, make_plan
from agents.notifier.reach import Post, Ways
from agents.notifier.wording import Promise, languages_for, promise_of, words_for
from agents.platforms.port import Address, Connection, Outbound
from agents.settings import TenantBook, TenantSettings
from streams.contracts.notification_events import AnyNotification
from streams.errors import InvalidRecord, Refused

EVERYBODY = "all"
"""Stands for a tenant's name at the gate to the mail server, which all tenants share."""

PostOf = Callable[[TenantSettings], Post | None]
"""How mail of a tenant is sent, or None where it cannot be."""


@dataclass(frozen=True)
class Briefing:
    """Makes plans. Settings are asked anew for each record, so that a reload takes effect."""

    tenants: TenantBook
    phrasebooks: Phrasebooks
    outbounds: Callable[[str], Outbound]
    gates: Gates
    post_of: PostOf

    def tenant(self, notification: AnyNotification) -> TenantSettings:
        """The settings of its tenant; a tenant nobody configured makes a dead letter."""
        tenant = self.tenants.get(notification.tenant)
        if tenant is None:
            raise InvalidRecord("unknown_tenant", "no tenant of this name is configured")
        return tenant

    def plan(self, notification: AnyNotification, history: History, now: datetime, *, superseded: bool = False) -> Plan:
        """What is to be done, by what has been done."""
        tenant = self.tenant(notification)
        try:
            words = words_for(
                notification,
                self.phrasebooks.book(tenant),
                languages=languages_for(notification.locale, tenant.locales),
                brand=tenant.brand_name,
                promise=self._promise(notification, tenant),
                ask_for_address=asks_for_address(notification, history),
                now=now,
            )
        except Refused:  # the start refuses such a tenant; this one came by a reload
            raise InvalidRecord("tenant_misconfigured", "its templates or calendars cannot be read") from None
        channels = channels_for(
            notification,
            tenant,
            has_adapter=self._outbound(notification) is not None,
            has_smtp=self.post_of(tenant) is not None,
        )
        return make_plan(
            notification, history=history, tenant=tenant, words=words, channels=channels, superseded=superseded
        )

    def ways(self, notification: AnyNotification) -> Ways:
        """How this customer can be reached."""
        tenant = self.tenant(notification)
        settings = tenant.platforms.get(notification.platform)
        connection = Connection(tenant=notification.tenant, platform=notification.platform)
        if settings is not None:
            connection = Connection(
                tenant=notification.tenant,
                platform=notification.platform,
                secrets=settings.secrets,
                own_ids=settings.own_ids,
                tokens=settings.tokens,
                options=settings.options,
                mask_email=settings.mask_email,
                mask_phone=settings.mask_phone,
            )
        address = Address(
            connection=connection,
            conversation_id=notification.conversation_id,
            channel=notification.channel,
            customer=notification.customer,
            route=notification.route,
            escalation_id=notification.escalation_id,
        )
        return Ways(
            address=address,
            outbound=self._outbound(notification) if settings is not None else None,
            post=self.post_of(tenant),
            platform_gate=self.gates.of(notification.tenant, notification.platform),
            mail_gate=self.gates.of(EVERYBODY, "smtp"),
        )

    def _promise(self, notification: AnyNotification, tenant: TenantSettings) -> Promise | None:
        """Counted from the news: a moment counted from the decision may have passed while a helpdesk was away."""
        response = notification.response
        calendar = None
        if response is not None and response.calendar is not None:
            calendar = self.phrasebooks.calendar(response.calendar, notification.tenant, tenant)
        return promise_of(response, calendar, notification.occurred_at)

    def _outbound(self, notification: AnyNotification) -> Outbound | None:
        """The adapter, or None where there is none: a platform team produced the events directly."""
        try:
            return self.outbounds(notification.platform)
        except Refused:
            return None
