"""The converse webhook: `{botId, channel: "chat", data: {platformConversationId, eventType, …}}`.

Events carry no id, no time, no identity and no transcript; only the bot's messages have an id. What has none is
told apart by its bytes, within a minute. Sources: github ultimateai/custom-crm-automation-template (DTOs and
swagger.yaml), developer.zendesk.com/api-reference/ai-agents/widget-escalation/widget-escalation-webhook.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.framing import Frame
from agents.platforms.port import Connection, Delivery, Normalized, StatusCodes
from agents.platforms.zendesk_ai_agents.options import AiAgentsOptions, options_of
from agents.platforms.zendesk_ai_agents.verify import check_headers
from streams.contracts.base import Scalar
from streams.contracts.conversation_events import AiOutcome, Ended, Message
from streams.ids import body_event_id

NAME = "zendesk-ai-agents-advanced"
MAX_ITEMS = 20

_ESCALATIONS = frozenset({"escalate", "widgetEscalate"})


class AiAgentsInbound:
    """Stateless. How the vendor retries is not known: 503 asks for it in the usual way."""

    name = NAME
    codes = StatusCodes(retry_after_seconds=5)
    probes_with_head = False
    options_model = AiAgentsOptions

    def verify(self, delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
        """A shared secret in one of several headers, or `Unauthorized`."""
        check_headers(delivery.headers, secrets)

    def normalize(self, delivery: Delivery, body: Any, connection: Connection) -> Normalized:
        """One event at most. `isTeamOnline` is no event but a question, answered from the options."""
        data = reading.required_object(reading.required_object(body), "data")
        kind = reading.name(data, "eventType")
        if kind == "isTeamOnline":
            return Normalized(ignored=("team_status_asked",), answer={"isOnline": is_online(data, connection)})
        fields = _fields(delivery, data, connection)
        cleaning = Cleaning.of(connection)
        if kind == "sendMessage":
            return _bot_message(data, fields, cleaning)
        if kind == "widgetMessage":
            return _customer_message(data, fields, cleaning)
        if kind in _ESCALATIONS:
            return Normalized((AiOutcome(**fields, outcome="escalated", reason=kind),))
        if kind == "widgetEndSession":
            return Normalized((Ended(**fields, by="customer", reason=kind),))
        return Normalized(ignored=("unknown_event",))


def is_online(data: Mapping[str, Any], connection: Connection) -> bool:
    """Whether the team that the bot asks about (or, unnamed, any) is there."""
    options = options_of(connection)
    team = reading.name(data, "teamId")
    if not options.team_online or options.online_teams is None:
        return options.team_online
    return team in options.online_teams if team else bool(options.online_teams)


def _fields(delivery: Delivery, data: Mapping[str, Any], connection: Connection) -> dict[str, Any]:
    made_up = body_event_id(connection.tenant, delivery.body, delivery.received_at.timestamp())
    attributes: dict[str, Scalar] = {}
    if (target := reading.name(data, "escalateTo")) is not None:
        attributes["escalate_to"] = target
    frame = Frame(
        tenant=connection.tenant,
        platform=NAME,
        conversation_id=reading.required_id(data, "platformConversationId"),
        channel="chat",
        attributes=Cleaning.of(connection).attributes(attributes),
    )
    return frame.fields(reading.reference(data, "messageId") or made_up, delivery.received_at)


def _bot_message(data: Mapping[str, Any], fields: Mapping[str, Any], cleaning: Cleaning) -> Normalized:
    raw = reading.text(data, "text")
    words = cleaning.body(raw) if raw is not None else cleaning.body(_shown(data), "plain")
    if not words.text:
        return Normalized(ignored=("empty_message",))
    turn = Message(
        **fields,
        author="ai",
        text=words.text,
        original_format=words.original_format,
        redactions=words.redactions,
        confidence=reading.ratio(data, "confidence"),
        intent=cleaning.line(reading.name(data, "intent")),
    )
    return Normalized((turn,))


def _customer_message(data: Mapping[str, Any], fields: Mapping[str, Any], cleaning: Cleaning) -> Normalized:
    words = cleaning.body(reading.text(data, "text") or "", "plain")
    if not words.text:
        return Normalized(ignored=("empty_message",))
    turn = Message(
        **fields,
        author="customer",
        text=words.text,
        original_format=words.original_format,
        redactions=words.redactions,
    )
    return Normalized((turn,))


def _shown(data: Mapping[str, Any]) -> str:
    """What a message without text showed: its cards, else its buttons."""
    cards = [
        " - ".join(filter(None, (reading.text(card, "title"), reading.text(card, "description"))))
        for card in reading.objects(data, "carouselCards")[:MAX_ITEMS]
    ]
    buttons = [reading.name(button, "text") for button in reading.objects(data, "buttons")[:MAX_ITEMS]]
    return "\n".join(filter(None, cards or buttons))
