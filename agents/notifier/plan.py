"""What one notification asks for: whom to tell what, in which channels, and what to do about the AI. Pure.

Two notices that follow each other within a moment (`accepted`, then `opened`) are both sent. Waiting for the
second would break the promise of ten seconds whenever the helpdesk is slow, and one message that a person is
coming and one with the number are what a customer expects of a good desk. What is left out: a number already
told makes an earlier piece of news old (`superseded`), and a conversation has a cap (`notice_cap`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from agents.notifier.channels import Channel
from agents.notifier.history import History
from agents.platforms.port import Notice
from agents.settings import TenantSettings
from streams.contracts.notification_events import Accepted, AnyNotification, Attached, Delayed, Failed, Opened
from streams.ids import notification_id

CAP_WINDOW = timedelta(hours=24)
"""The cap counts the notices of the last day: as long as a silent escalated episode lives."""

Act = Literal["pause", "close"]


@dataclass(frozen=True)
class Letter:
    """The notice as a mail."""

    subject: str
    text: str
    language: str


@dataclass(frozen=True)
class Words:
    """The notice as it is said now. INTENT keeps the text, so that a repeat says the same."""

    notice: Notice
    letter: Letter
    asks_for_address: bool = False


@dataclass(frozen=True)
class Plan:
    """The steps of one notification.

    `channels` are tried in order until one tells. `silent`: why nothing is told; then no channel is tried.
    `acts` follow, each on its own; `close` waits until the telling is settled.
    """

    notification: AnyNotification
    words: Words
    channels: tuple[Channel, ...]
    silent: str | None = None
    acts: tuple[Act, ...] = ()
    idle: str | None = None
    """Why not even the acts are carried out."""

    @property
    def human_holds(self) -> bool:
        """The notification itself says that a human queue holds the chat."""
        return isinstance(self.notification, Opened | Attached) and self.notification.human_holds


def touches_nobody(notification: AnyNotification, tenant: TenantSettings) -> str | None:
    """Why this notification must reach nobody, or None where it may."""
    if notification.test:
        return "test"
    return "observe" if notification.mode == "observe" or tenant.mode == "observe" else None


def asks_for_address(notification: AnyNotification, history: History) -> bool:
    """Whether this notice also asks for an e-mail address: where none is known, once per conversation."""
    if not isinstance(notification, Opened | Attached) or not notification.ask_for_address:
        return False
    return notification.customer.email is None and notification.channel != "email" and not history.asked_for_address


def make_plan(  # what the decision depends on, each by name
    notification: AnyNotification,
    *,
    history: History,
    tenant: TenantSettings,
    words: Words,
    channels: tuple[Channel, ...],
    superseded: bool = False,
) -> Plan:
    """The steps, by what happened before. `superseded`: newer news of this escalation waits to be told."""
    acts: tuple[Act, ...] = ()
    if isinstance(notification, Accepted):
        acts = ("pause",)
    elif isinstance(notification, Opened | Attached):
        acts = ("close",)
    idle = touches_nobody(notification, tenant)
    silent = idle or _silent(notification, history, tenant, superseded=superseded)
    return Plan(notification, words, channels, silent=silent, acts=acts, idle=idle)


def _silent(notification: AnyNotification, history: History, tenant: TenantSettings, *, superseded: bool) -> str | None:
    if isinstance(notification, Accepted | Delayed | Failed) and (
        superseded or _number_was_told(notification, history)
    ):
        return "superseded"
    since = notification.occurred_at - CAP_WINDOW
    if history.notices_since(since) >= tenant.limits.notices_per_conversation:
        return "notice_cap"
    return None


def _number_was_told(notification: AnyNotification, history: History) -> bool:
    escalation = notification.escalation_id
    return any(history.was_told(notification_id(escalation, kind)) for kind in ("opened", "attached"))


def tells_number(notification: AnyNotification) -> bool:
    """Whether this news carries a ticket number, and so makes earlier news of its escalation old."""
    return isinstance(notification, Opened | Attached)


def due_minutes(due_at: datetime | None, now: datetime) -> int | None:
    """Whole minutes from `now` to `due_at`, at least one; None without a moment still ahead."""
    if due_at is None or due_at <= now:
        return None
    return max(1, round((due_at - now).total_seconds() / 60))
