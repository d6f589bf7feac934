"""The ticket's subject: the intent made readable, with the customer's words. Pure."""

import re

from agents.helpdesks.safe_text import block, shorten, title, without_links
from agents.helpdesks.substance import substantive
from streams.contracts.escalation_commands import OpenTicket

MAX_CHARS = 150
"""Zendesk names no limit; 150 is the smallest that any of its clients assumes. Freshdesk takes 255."""

MAX_INTENT_CHARS = 60


def subject(command: OpenTicket, wants: str | None, *, prefix: str = "") -> str:
    """`Billing: duplicate charge – I was charged twice`; without an intent the customer's words alone, if they say
    anything of the matter.

    Without links and angle brackets: helpdesks put subjects into the mails they send.
    """
    topic = readable(command.intent or "") or ("" if substantive(wants or "") else _nothing_said(command))
    words = title(without_links(block(wants or "", MAX_CHARS * 4)), MAX_CHARS)
    said = " – ".join(part for part in (topic, words) if part)
    return shorten(prefix + said, MAX_CHARS)


def readable(intent: str) -> str:
    """`billing.duplicate_charge` as `Billing: duplicate charge`; `orderStatus` as `Order status`."""
    parts = [_spaced(part) for part in re.split(r"[.:/>|]+", title(intent, MAX_INTENT_CHARS))]
    named = ": ".join(part for part in parts if part)
    return named[:1].upper() + named[1:]


def _spaced(part: str) -> str:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", part)
    words = re.sub(r"[_\-\s]+", " ", apart).strip()
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words.split())


def _nothing_said(command: OpenTicket) -> str:
    return f"Conversation handed over from {title(command.channel or 'chat', 40)}"
