"""`switchboard:*`: who holds the conversation now.

The element names the new holder alone, never the old one, and carries no user. Metadata of a `passControl`
is what the bot gave along for the ticket. Reasons `ticketClosed` and `transferToEmail` mean that people are
done (https://developer.zendesk.com/api-reference/conversations/#tag/Switchboard-Actions).
"""

from collections.abc import Mapping
from typing import Any

from agents.platforms import reading
from agents.platforms.port import Normalized
from agents.platforms.zendesk_sunco.authors import has_people, is_ours, is_own_integration
from agents.platforms.zendesk_sunco.element import Element
from agents.platforms.zendesk_sunco.people import learned_from
from streams.contracts.conversation_events import AiOutcome, AnyEvent, ControlChanged, Ended

_DONE_BY_PEOPLE = frozenset({"ticketclosed", "transfertoemail"})
_OWN_ECHO = Normalized(ignored=("own_echo",))


def on_pass_control(element: Element) -> Normalized:
    """To people: the AI's verdict, then the change. Our own passing is no verdict, but people do hold it now."""
    active = _active(element)
    ours = is_ours(element.payload)
    if not active:
        return Normalized(ignored=("nobody_in_control",))
    if has_people(active, element.options):
        changed = _changed(element, "human", alone=ours)
        return Normalized((changed,) if ours else (_escalated(element), changed))
    if ours or is_own_integration(active, element.options, element.connection.own_ids):
        return _OWN_ECHO
    if not _people_are_done(element):
        return Normalized((_changed(element, "ai", alone=True),))
    return Normalized((_ended(element, "human", alone=False), _changed(element, "ai", alone=False)))


def on_release_control(element: Element) -> Normalized:
    """Nobody holds it any more."""
    if _people_are_done(element):
        return Normalized((_ended(element, "human", alone=True),))
    if is_ours(element.payload):
        return _OWN_ECHO
    return Normalized((_ended(element, "system", alone=True),))


def on_offer_control(element: Element) -> Normalized:
    """The AI asks people, or us, to take over: its verdict, while it still holds the conversation."""
    pending = reading.object_(element.conversation, "pendingSwitchboardIntegration")
    if is_ours(element.payload):
        return _OWN_ECHO
    own = is_own_integration(pending, element.options, element.connection.own_ids)
    if own or has_people(pending, element.options):
        return Normalized((_escalated(element, alone=True),))
    return Normalized(ignored=("control_offered",))


def on_accept_control(element: Element) -> Normalized:
    """What was offered has been taken."""
    active = _active(element)
    if not active:
        return Normalized(ignored=("nobody_in_control",))
    if has_people(active, element.options):
        return Normalized((_changed(element, "human", alone=True),))
    if is_ours(element.payload) or is_own_integration(active, element.options, element.connection.own_ids):
        return _OWN_ECHO
    return Normalized((_changed(element, "ai", alone=True),))


def _active(element: Element) -> Mapping[str, Any]:
    return reading.object_(element.conversation, "activeSwitchboardIntegration")


def _people_are_done(element: Element) -> bool:
    return (reading.name(element.payload, "reason") or "").casefold() in _DONE_BY_PEOPLE


def _escalated(element: Element, *, alone: bool = False) -> AnyEvent:
    metadata = reading.object_(element.payload, "metadata")
    reasons = (reading.name(element.payload, "reason"), *(reading.name(metadata, key) for key in _REASON_KEYS))
    return AiOutcome(
        **_fields(element, "ai_outcome", alone=alone),
        outcome="escalated",
        reason=element.cleaning.line(next(filter(None, reasons), None)),
        intent=element.cleaning.line(reading.name(metadata, "intent")),
        confidence=reading.ratio(metadata, "confidence"),
    )


_REASON_KEYS = ("reason", "escalation_reason", "handover_reason", "escalationReason")


def _changed(element: Element, holder: str, *, alone: bool) -> AnyEvent:
    return ControlChanged(**_fields(element, "control_changed", alone=alone), holder=holder)


def _ended(element: Element, by: str, *, alone: bool) -> AnyEvent:
    return Ended(**_fields(element, "ended", alone=alone), by=by, reason=reading.name(element.payload, "reason"))


def _fields(element: Element, kind: str, *, alone: bool) -> dict[str, Any]:
    """`alone`: the element's only event keeps its id; several are told apart by kind."""
    learned = learned_from(reading.object_(element.payload, "metadata"), element.cleaning)
    event_id = element.id if alone else f"{element.id}:{kind}"
    return element.frame(reading.object_(element.payload, "user"), learned).fields(event_id, element.created_at)
