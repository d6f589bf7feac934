"""Intercom's messenger with Fin in it. There is no event for a verdict: it stands in the conversation."""

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chat_side.step import Scene, Step, speaker_name
from agents.demo.simulators.intercom import records

_STATES = {
    "escalated": "escalated",
    "unresolved": "negative_feedback",
    "resolved": "confirmed_resolution",
    "assumed_resolved": "assumed_resolution",
    "abandoned": None,
}
_TOPICS = {
    "customer": "conversation.user.replied",
    "ai": "conversation.operator.replied",
    "system": "conversation.operator.replied",
    "human": "conversation.admin.replied",
}
_TEAMMATE = "8120077"


def play(scene: Scene, step: Step) -> tuple[Webhook, ...]:
    """A part, and the notification about it."""
    webhooks: tuple[Webhook, ...] = ()
    if step.verdict is not None:
        facts = {"Fin AI Agent resolution state": step.verdict.replace("_", " ").capitalize()}
        if step.reason is not None:
            facts["Fin AI Agent escalated reason"] = step.reason
        session = scene.session.knowing(
            resolution_state=_STATES[step.verdict],
            custom_attributes={**(scene.session.doc.get("custom_attributes") or {}), **facts},
        )
        scene = scene.knowing(session)
    if step.say is not None:
        webhooks += _message(scene, step)
    elif step.verdict is not None and step.end is None:
        webhooks += _again(scene)
    if step.end is not None:
        webhooks += _close(scene, step)
    return webhooks


def _message(scene: Scene, step: Step) -> tuple[Webhook, ...]:
    say = step.say
    assert say is not None
    account, number = scene.settings.intercom, scene.number()
    speaker = _TEAMMATE if say.author == "human" else say.author
    by = records.author(account, scene.session, speaker, say.name)
    first = not scene.chat.messages(scene.session.id)
    if say.author == "human":
        scene = scene.knowing(scene.session.changed(ai="paused", holder="human"))
    if first:
        entry = records.source(number, by, say.markup, scene.session)
    else:
        entry = records.part(number, "comment", by, say.markup, scene.at)
    seq = scene.add(entry["id"], say, entry, name=by["name"] or speaker_name(say, scene.session))
    topic = "conversation.user.created" if first and say.author == "customer" else _TOPICS[say.author]
    return _notify(scene, topic, seq)


def _again(scene: Scene) -> tuple[Webhook, ...]:
    """A verdict alone travels with the newest part of Fin's."""
    rows = scene.chat.messages(scene.session.id)
    seqs = [row["seq"] for row in rows if row["author"] == "ai"]
    return _notify(scene, "conversation.operator.replied", seqs[-1]) if seqs else ()


def _close(scene: Scene, step: Step) -> tuple[Webhook, ...]:
    account = scene.settings.intercom
    by = records.author(account, scene.session, _TEAMMATE if step.end == "human" else "ai")
    scene = scene.knowing(scene.session.changed(status="closed", ai="ended", holder="nobody"))
    entry = records.part(scene.number(), "close", by, None, scene.at, state="closed")
    seq = scene.chat.add_message(
        scene.session.id,
        entry["id"],
        author="system",
        text="",
        at=scene.at,
        shown=False,
        doc=entry,
    )
    return _notify(scene, "conversation.admin.closed", seq)


def _notify(scene: Scene, topic: str, seq: int) -> tuple[Webhook, ...]:
    rows = scene.chat.messages(scene.session.id)
    return records.webhook(scene.settings.intercom, scene.session, rows, topic, seq, scene.at)
