"""Zendesk AI agents (Advanced) in custom-CRM mode: what the bot says and asks for. No ids, no times, no transcript.

Before an escalation the visitor's words go to the bot without passing by us; afterwards they come as `widgetMessage`.
"""

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chat_side.step import Scene, Step, as_json, speaker_name
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk.ai_agents import PLATFORM

_BOT_ID = "63f5c0c5b1e2a40012ab34cd"


def play(scene: Scene, step: Step) -> tuple[Webhook, ...]:
    """Bot messages, the escalation, the visitor's later words, the end."""
    events: list[Json] = []
    if step.say is not None:
        say, number = step.say, scene.number()
        scene.add(f"m-{1000 + number}", say, {}, name=speaker_name(say, scene.session))
        if say.author == "ai":
            message = {"eventType": "sendMessage", "type": "text", "text": say.text, "messageId": f"m-{1000 + number}"}
            events.append(message | ({} if say.confidence is None else {"confidence": say.confidence}) | say.extra)
        elif say.author == "customer" and scene.session.ai != "active":
            events.append({"eventType": "widgetMessage", "text": say.text})
    if step.asks_for_person or step.verdict == "escalated":
        scene = scene.knowing(scene.session.changed(ai="paused"))
        events.append({"eventType": "widgetEscalate", **step.metadata})
    if step.end is not None:
        scene = scene.knowing(scene.session.changed(ai="ended"))
        events.append({"eventType": "widgetEndSession"})
    subscriber = scene.settings.zendesk.ai_agents
    if subscriber.url is None:
        return ()
    headers = {"Content-Type": "application/json", "Authorization": subscriber.secret}
    return tuple(
        Webhook(PLATFORM, scene.session.id, event["eventType"], subscriber.url, as_json(_body(scene, event)), headers)
        for event in events
    )


def _body(scene: Scene, event: Json) -> Json:
    data = {"platformConversationId": scene.session.id, **event}
    return {"botId": _BOT_ID, "channel": "chat", "data": data}
