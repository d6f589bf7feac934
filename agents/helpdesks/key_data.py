"""Who the customer is and what is known of the matter, as labelled values. Pure."""

import re
from collections.abc import Iterator, Mapping

from agents.helpdesks.port import Draft
from agents.helpdesks.safe_text import block, one_line
from streams.contracts.base import Scalar
from streams.contracts.escalation_commands import OpenTicket

MAX_CHARS = 2500
MAX_VALUE_CHARS = 200
MAX_LABEL_CHARS = 60

_FIRST = {
    "Order number": ("ordernumber", "orderid", "order", "orderno", "ordernr"),
    "Account id": ("accountid", "account", "accountnumber", "accountno", "customernumber"),
}


def key_data(draft: Draft) -> tuple[str, ...]:
    """`Label: value` lines in the order in which an agent looks for them, `MAX_CHARS` in all."""
    lines: list[str] = []
    room = MAX_CHARS
    for label, value in _pairs(draft):
        text = one_line(value, MAX_VALUE_CHARS)
        if not text:
            continue
        line = f"{label}: {text}"
        room -= len(line) + 1
        if room < 0:
            lines.append("More was known than fits here.")
            break
        lines.append(line)
    return tuple(lines)


def chat_link(draft: Draft) -> str | None:
    """The link to the conversation where the platform gave one a person can open."""
    url = (draft.command.route.conversation_url or "").strip()
    return url if len(url) <= 500 and re.fullmatch(r"https?://[\x21\x23-\x3b\x3d\x3f-\x7a\x7e]+", url) else None


def _pairs(draft: Draft) -> Iterator[tuple[str, str]]:
    command, customer = draft.command, draft.customer
    yield "Name", customer.name or ""
    yield "E-mail", customer.email or ""
    yield "Phone", customer.phone or ""
    yield "External id", customer.external_id or ""
    first, others = _attributes(command.attributes)
    yield from first
    yield "Channel", command.channel or ""
    yield "Platform", command.platform
    yield "Language", command.locale or ""
    yield "Intent", _intent(command)
    if draft.linked_ticket_id:
        yield "Earlier ticket", f"#{draft.linked_ticket_id}"
    if command.routing.response is not None:
        yield "Answer promised within", _minutes(command.routing.response.within_minutes)
    yield from others
    yield "Tags on the platform", ", ".join(command.tags)


def _attributes(attributes: Mapping[str, Scalar]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Those every agent looks for, under their usual names, and the others under their own."""
    left = {label: _text(value) for label, value in attributes.items() if value is not None}
    first = []
    for label, spellings in _FIRST.items():
        key = next((key for key in left if re.sub(r"[^a-z0-9]", "", key.lower()) in spellings and left[key]), None)
        if key is not None:
            first.append((label, left.pop(key)))
    return first, [(_label(key), value) for key, value in left.items()]


def _intent(command: OpenTicket) -> str:
    source = f" (from {one_line(command.intent_source, 40)})" if command.intent and command.intent_source else ""
    return one_line(command.intent or "", 100) + source


def _label(key: str) -> str:
    return one_line(key.replace("_", " "), MAX_LABEL_CHARS).replace(":", " ").strip().capitalize() or "Other"


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return block(str(value), MAX_VALUE_CHARS)


def _minutes(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    told = (f"{hours} h" if hours else "", f"{rest} min" if rest else "")
    return " ".join(part for part in told if part)
