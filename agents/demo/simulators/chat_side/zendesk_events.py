"""Zendesk's event webhooks about a messaging ticket (`messaging_ticket.message_added`), signed with time and body.

Source: developer.zendesk.com, "Messaging events" and "Verifying webhooks".
"""

import base64
import hashlib
import hmac
import uuid

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chat_side.step import Scene, Step, as_json, speaker_name
from agents.demo.simulators.formats import iso_seconds
from agents.demo.simulators.settings import Subscriber
from agents.demo.simulators.store import Json

PLATFORM = "zendesk-events"
_ACCOUNT_ID = 21_825_834


def play(scene: Scene, step: Step) -> tuple[Webhook, ...]:
    """One message, as an event about its ticket."""
    say, subscriber = step.say, scene.settings.zendesk.events
    if say is None:
        return ()
    name, message_id = speaker_name(say, scene.session), f"{scene.number():024x}"
    scene.add(message_id, say, {}, name=name)
    if subscriber.url is None:
        return ()
    actors: dict[str, Json] = {
        "customer": {"id": str(scene.session.customer.get("id") or "1"), "name": name, "type": "end_user"},
        "ai": {"id": "zd:answerBot", "name": name, "type": "system"},
        "human": {"id": "380000000077", "name": name, "type": "agent"},
        "system": {"id": "zd:trigger", "name": name, "type": "trigger"},
    }
    body = {
        "account_id": _ACCOUNT_ID,
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scene.session.id}/{message_id}")),
        "type": "zen:event-type:messaging_ticket.message_added",
        "time": iso_seconds(scene.at),
        "zendesk_event_version": "2022-11-06",
        "subject": f"zen:ticket:{scene.session.doc.get('ticket_id', '141')}",
        "detail": {"id": str(scene.session.doc.get("ticket_id", "141"))},
        "event": {
            "actor": actors[say.author],
            "conversation_id": scene.session.id,
            "message": {"id": message_id, "body": say.text},
        },
    }
    return (signed(subscriber, scene.session.id, body, scene.at),)


def signed(subscriber: Subscriber, session_id: str, body: Json, at: float) -> Webhook:
    """The delivery with its signature."""
    raw, moment = as_json(body), iso_seconds(at)
    digest = hmac.new(subscriber.secret.encode(), moment.encode() + raw, hashlib.sha256).digest()
    headers = {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature-Timestamp": moment,
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Invocation-Id": body["id"],
        "X-Zendesk-Webhook-Id": "01K0WEBHOOK00000000000000001",
        "X-Zendesk-Account-Id": str(_ACCOUNT_ID),
    }
    return Webhook(PLATFORM, session_id, body["type"], subscriber.url or "", raw, headers)
