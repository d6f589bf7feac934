"""Zendesk Messaging: messages of three kinds of author, and the switchboard."""

from datetime import UTC, datetime

from agents.demo.simulators.calls import Call, Webhook
from agents.demo.simulators.chat_side.step import Say, Scene, Step, speaker_name
from agents.demo.simulators.formats import hex_id, iso_milliseconds
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import sunshine_records as records
from agents.demo.simulators.zendesk.switchboard import take_over

_WEB = {"type": "web", "integrationId": "5ec69c6e12dda33be985cb1a"}
_BOT, _PEOPLE = records.INTEGRATIONS[0], records.INTEGRATIONS[1]


def play(scene: Scene, step: Step) -> tuple[Webhook, ...]:
    """A message, control passed on by the bot itself, or the ticket closed."""
    if "active" not in scene.session.doc:
        scene = scene.knowing(scene.session.knowing(active=_BOT))
    webhooks: tuple[Webhook, ...] = ()
    if step.say is not None:
        webhooks += _message(scene, step.say)
    if step.control == "human" or step.verdict == "escalated":
        webhooks += _to_people(scene, step.metadata)
    elif step.control == "ai":
        scene = scene.knowing(scene.session.knowing(active=_BOT).changed(ai="active", holder="ai"))
        webhooks += _event(scene, "switchboard:passControl", {"metadata": {}})
    if step.end is not None:
        session = scene.session.knowing(active=None, pending=None)
        scene = scene.knowing(session.changed(status="closed", ai="ended", holder="nobody"))
        payload = {"reason": "ticketClosed"} if step.end == "human" else {}
        webhooks += _event(scene, "switchboard:releaseControl", payload)
    return webhooks


def _message(scene: Scene, say: Say) -> tuple[Webhook, ...]:
    name, number = speaker_name(say, scene.session), scene.number()
    message: Json = {
        "id": hex_id(number, "5f74c7d8"),
        "received": iso_milliseconds(scene.at),
        "author": _author(scene, say, name),
        "content": {"type": "text", "text": say.text} | ({"htmlText": say.html} if say.html else {}),
        "source": _source(say),
    }
    if say.author == "human":
        message["metadata"] = {"__zendesk_msg.agent.id": "380000000077"}
    scene.add(message["id"], say, message, name=name)
    return _event(
        scene, "conversation:message", {"message": records.webhook_message(message | say.extra, scene.session)}
    )


def _author(scene: Scene, say: Say, name: str) -> Json:
    if say.author == "customer":
        user = records.user(scene.session)
        return {"type": "user", "userId": user["id"], "displayName": name, "user": user}
    return {"type": "business", "displayName": name}


def _source(say: Say) -> Json:
    if say.author == "customer":
        return _WEB
    return {"type": "zd:agentWorkspace" if say.author == "human" else "ultimate"}


def _to_people(scene: Scene, metadata: Json) -> tuple[Webhook, ...]:
    if records.active(scene.session) == _PEOPLE:
        return ()
    session, _ = take_over(_as_call(scene), scene.session.knowing(active=_PEOPLE, pending=None), metadata)
    return _event(scene.knowing(session), "switchboard:passControl", {"metadata": metadata})


def _event(scene: Scene, event: str, payload: Json) -> tuple[Webhook, ...]:
    return records.webhook(scene.settings.zendesk, scene.session, scene.number(), event, payload, scene.at)


def _as_call(scene: Scene) -> Call:
    """The bot's own passing of control, as the switchboard sees a request."""
    return Call(
        store=scene.chat.store,
        settings=scene.settings,
        account=scene.chat.account,
        base_url=f"{scene.base_url}/zendesk/{scene.chat.account}",
        operation="sunshine.pass_control",
        method="POST",
        path="/",
        params={},
        query={},
        headers={},
        body=b"",
        now=datetime.fromtimestamp(scene.at, UTC),
    )
