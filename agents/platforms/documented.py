"""What senders need to know: the headers that prove them, and the least their bodies hold.

For the gateway's OpenAPI document. The vendors' own pages say the whole; here stands what the adapters cannot do
without, and what they read first. Whatever else a body holds is read where it is known and passed over where not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.platforms.custom_llm.session import KNOWN_TYPES, MAX_MESSAGES
from agents.platforms.fin_agent_api.inbound import HUB_SIGNATURE, SIGNATURE
from agents.platforms.zendesk_events.trigger import SOURCE
from streams.contracts.base import JsonObject


@dataclass(frozen=True)
class Sender:
    """One platform as a sender. `proofs`: ways to prove oneself, each the headers it takes together."""

    title: str
    proofs: tuple[tuple[str, ...], ...]
    proof: str
    body: JsonObject
    example: JsonObject


_ID: JsonObject = {"type": ["string", "integer"], "minLength": 1, "maxLength": 512, "pattern": r"^[^|\x00-\x1f]+$"}
_TEXT: JsonObject = {"type": "string"}


def _object(required: list[str], **properties: Any) -> JsonObject:
    return {"type": "object", "required": required, "properties": properties}


_FIN = Sender(
    title="Fin Agent API",
    proofs=((SIGNATURE,), (HUB_SIGNATURE,)),
    proof="`sha256=` and the hex HMAC-SHA256 of the body; the settings page's test post is signed as Intercom's are",
    body=_object([], event_name=_TEXT, conversation_id=_ID, user_id=_ID, status=_TEXT, reason=_TEXT),
    example={
        "event_name": "fin_status_updated",
        "conversation_id": "c1",
        "user_id": "u1",
        "status": "escalated",
        "reason": "Escalation requested by user",
        "created_at_ms": "2026-07-11T10:00:00.000Z",
    },
)

SENDERS: Mapping[str, Sender] = {
    "intercom": Sender(
        title="Intercom",
        proofs=(("x-hub-signature",),),
        proof="`sha1=` and the hex HMAC-SHA1 of the body under the app's client secret",
        body=_object(
            ["topic"],
            type={"const": "notification_event"},
            id=_ID,
            topic={"type": "string", "minLength": 1, "examples": ["conversation.user.replied"]},
            created_at={"type": "integer", "description": "unix seconds"},
            data=_object([], item=_object([], id=_ID, conversation_parts={"type": "object"})),
        ),
        example={
            "type": "notification_event",
            "id": "notif_1",
            "topic": "conversation.user.replied",
            "created_at": 1783764000,
            "data": {
                "item": {
                    "type": "conversation",
                    "id": "c1",
                    "conversation_parts": {
                        "conversation_parts": [
                            {
                                "id": "p1",
                                "part_type": "comment",
                                "body": "I want my money back",
                                "created_at": 1783764000,
                                "author": {"type": "user", "id": "u1"},
                            }
                        ]
                    },
                }
            },
        },
    ),
    "fin-agent-api": _FIN,
    "zendesk-sunco": Sender(
        title="Zendesk Messaging (Sunshine Conversations)",
        proofs=(("x-api-key",),),
        proof="the webhook's shared secret itself",
        body=_object(
            ["events"],
            app=_object([], id=_ID),
            events={"type": "array", "items": _object(["id", "type"], id=_ID, type=_TEXT, payload={"type": "object"})},
        ),
        example={
            "app": {"id": "app1"},
            "webhook": {"id": "w1", "version": "v2"},
            "events": [
                {
                    "id": "e1",
                    "createdAt": "2026-07-11T10:00:00.000Z",
                    "type": "conversation:message",
                    "payload": {
                        "conversation": {"id": "c1", "type": "personal"},
                        "message": {
                            "id": "m1",
                            "author": {"type": "user", "userId": "u1"},
                            "content": {"type": "text", "text": "I want my money back"},
                            "source": {"type": "web"},
                        },
                    },
                }
            ],
        },
    ),
    "zendesk-events": Sender(
        title="Zendesk Support: event subscriptions, and triggers with the body of `TRIGGER_BODY`",
        proofs=(("x-zendesk-webhook-signature", "x-zendesk-webhook-signature-timestamp"),),
        proof="the base64 HMAC-SHA256 of the timestamp header and the body under the webhook's signing secret",
        body={
            "anyOf": [
                _object(
                    ["type", "id", "detail"],
                    type={"type": "string", "pattern": "^zen:event-type:"},
                    id=_ID,
                    time={"type": "string", "format": "date-time"},
                    detail=_object([], id=_ID),
                    event={"type": "object"},
                ),
                _object(["source"], source={"const": SOURCE}, conversation_id=_ID, event=_TEXT, latest_comment=_TEXT),
            ]
        },
        example={
            "source": SOURCE,
            "event": "message",
            "conversation_id": "c1",
            "occurred_at": "2026-07-11T10:00:00Z",
            "updated_by_role": "end-user",
            "latest_comment": "I want my money back",
        },
    ),
    "zendesk-ai-agents-advanced": Sender(
        title="Zendesk AI agents Advanced (converse webhook)",
        proofs=(("x-api-key",), ("api-key",), ("authorization",)),
        proof="a shared secret itself; in `Authorization` bare, as a bearer's token, or in Basic form",
        body=_object(
            ["data"],
            botId=_ID,
            channel=_TEXT,
            data=_object(["eventType"], eventType=_TEXT, platformConversationId=_ID, text=_TEXT),
        ),
        example={
            "botId": "b1",
            "channel": "chat",
            "data": {"platformConversationId": "c1", "eventType": "widgetEscalate"},
        },
    ),
    "custom-llm": Sender(
        title="A custom LLM app: one session body per turn, or per session",
        proofs=(("webhook-id", "webhook-timestamp", "webhook-signature"),),
        proof="Standard Webhooks: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body`; within five minutes",
        body=_object(
            ["event_type", "session", "messages"],
            event_id={"type": "string", "minLength": 1, "maxLength": 400, "pattern": "^[!-~]+$"},
            event_type={"type": "string", "minLength": 1, "examples": sorted(KNOWN_TYPES)},
            session=_object(["id"], id=_ID, channel=_TEXT, locale=_TEXT),
            customer=_object([], id=_ID, name=_TEXT, email=_TEXT),
            messages={
                "type": "array",
                "minItems": 1,
                "maxItems": MAX_MESSAGES,
                "items": _object(["role", "content"], id=_ID, role=_TEXT, content=_TEXT),
            },
            assessment=_object([], human_requested={"type": "boolean"}, confidence={"type": "number"}),
        ),
        example={
            "event_id": "evt_1",
            "event_type": "session.turn",
            "session": {"id": "c1", "channel": "web"},
            "messages": [{"id": "m1", "role": "user", "content": "I want my money back"}],
        },
    ),
}
"""By the platform's name."""
