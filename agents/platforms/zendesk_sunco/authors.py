"""Who wrote a Sunshine message, and whether it was us.

The specification promises only `author.type` (`user`, `business`) and a free `source.type`. The rest is what
Zendesk's own products send: `source.type` `zd:answerBot`, `ultimate`, `zd:agentWorkspace`, `zd:surveys`,
`zd:agentCopilot`, `api…`; `author.subtypes` `AI`, `bot`, `agent`, `activity`; and
`metadata["__zendesk_msg.agent.id"]`, which is `__trigger` when no agent but a trigger wrote.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from agents.platforms import reading
from agents.platforms.port import OUR_MARKER
from agents.platforms.zendesk_sunco.options import AGENT_WORKSPACE, SuncoOptions
from streams.contracts.people import Author

AGENT_ID_KEY = "__zendesk_msg.agent.id"
ESCALATION_KEY = "handoff_escalation_id"
"""In the metadata of a `passControl`: the escalation whose ticket it opens."""

PART_KEY = "handoff_part"
TICKET_KEY = "handoff_ticket"
ORCHESTRATOR_KEY = "orchestrator"
"""By which other orchestrators in front of Zendesk commonly mark what they write."""

OWN_KEYS = frozenset({OUR_MARKER, ESCALATION_KEY, PART_KEY, TICKET_KEY, ORCHESTRATOR_KEY})
"""Metadata keys that say nothing about the customer."""

OWN_STEPS = frozenset({"quiet", "close"})
"""What our marker says in a switchboard call that is no handing over."""

_TRIGGER = "__trigger"
_AI_SOURCES = frozenset({"zd:answerbot", "ultimate", "zd:ultimate", "zd:aiagent"})
_SYSTEM_SOURCES = frozenset({"zd:surveys", "zd:agentcopilot"})
_WORKSPACE_NAMES = frozenset({AGENT_WORKSPACE.casefold(), "zd-agentworkspace"})


def is_ours(holder: Mapping[str, Any]) -> bool:
    """Whether the `metadata` of a message or of a switchboard event carries our mark.

    Ours is an id or a step's name; a bot's own `handoff: true` is none, and its verdict counts.
    """
    metadata = reading.object_(holder, "metadata")
    if reading.text(metadata, ORCHESTRATOR_KEY) or _is_id(reading.text(metadata, ESCALATION_KEY)):
        return True
    mark = reading.text(metadata, OUR_MARKER)
    return mark in OWN_STEPS or _is_id(mark)


def _is_id(value: str | None) -> bool:
    try:
        return value is not None and bool(UUID(value))
    except ValueError:
        return False


def is_from(message: Mapping[str, Any], own_ids: frozenset[str]) -> bool:
    """Whether the message names one of our own integrations or users."""
    named = (reading.reference(message, "source", "integrationId"), reading.reference(message, "author", "userId"))
    return any(name in own_ids for name in named if name)


def by_customer(message: Mapping[str, Any]) -> bool:
    """Whether an end user wrote it."""
    return reading.name(message, "author", "type") == "user"


def activity_type(message: Mapping[str, Any]) -> str | None:
    """`ticket:closed` and the like, where the message only tells of something the system did."""
    named = reading.name(message, "activity", "type") or reading.name(message, "content", "activity", "type")
    if named is None and "activity" in _subtypes(message):
        return "activity"
    return named


def author_of(message: Mapping[str, Any], conversation: Mapping[str, Any], options: SuncoOptions) -> Author:
    """Who wrote it. A message through the API is the AI's, unless people hold the conversation."""
    kind = reading.name(message, "author", "type")
    if kind != "business":
        return "customer" if kind == "user" else "system"
    source = (reading.name(message, "source", "type") or "").casefold()
    subtypes = _subtypes(message)
    agent = reading.reference(message, "metadata", AGENT_ID_KEY)
    if agent == _TRIGGER or source in _SYSTEM_SOURCES:
        return "system"
    if subtypes & {"ai", "bot"} or source in _AI_SOURCES:
        return "ai"
    if agent is not None or "agent" in subtypes or source in _WORKSPACE_NAMES:
        return "human"
    active = reading.object_(conversation, "activeSwitchboardIntegration")
    return "human" if has_people(active, options) else "ai"


def has_people(integration: Mapping[str, Any], options: SuncoOptions) -> bool:
    """Whether people answer behind this switchboard integration."""
    named = {reading.name(integration, "integrationType"), reading.name(integration, "name")}
    return any(
        name.casefold() in _WORKSPACE_NAMES or name in options.human_integrations or name == options.agent_workspace
        for name in named
        if name
    )


def is_own_integration(integration: Mapping[str, Any], options: SuncoOptions, own_ids: frozenset[str]) -> bool:
    """Whether it is the integration by which we hold conversations ourselves."""
    named = {reading.reference(integration, key) for key in ("id", "integrationId", "name")}
    return any(name in own_ids or name == options.own_integration for name in named if name)


def _subtypes(message: Mapping[str, Any]) -> set[str]:
    found = reading.at(message, "author", "subtypes")
    return {item.casefold() for item in found if isinstance(item, str)} if isinstance(found, list) else set()
