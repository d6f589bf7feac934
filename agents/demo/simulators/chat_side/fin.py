"""Fin without Intercom's messenger: what the customer writes passes through the company's own channel, unseen here."""

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chat_side.step import Scene, Step, speaker_name
from agents.demo.simulators.intercom.fin import replied_webhook, status_webhook

_REASONS = {
    "escalated": "Routed to team",
    "unresolved": "Conversation finished without resolution",
}


def play(scene: Scene, step: Step) -> tuple[Webhook, ...]:
    """A reply of Fin's, a status, or both."""
    account = scene.settings.intercom
    webhooks: tuple[Webhook, ...] = ()
    if step.say is not None:
        message_id = f"{98_700 + scene.number()}"
        scene.add(message_id, step.say, {}, name=speaker_name(step.say, scene.session))
        if step.say.author == "ai":
            webhooks += replied_webhook(account, scene.session, message_id, step.say.markup, scene.at)
    if step.asks_for_person:
        webhooks += status_webhook(account, scene.session, "escalated", "Escalation requested by user", scene.at)
    elif step.verdict in _REASONS:
        reason = step.reason or _REASONS[step.verdict]
        webhooks += status_webhook(account, scene.session, "escalated", reason, scene.at)
    elif step.verdict is not None:
        webhooks += status_webhook(account, scene.session, "resolved", None, scene.at)
    if step.end is not None:
        scene = scene.knowing(scene.session.changed(ai="ended"))
        webhooks += status_webhook(account, scene.session, "complete", None, scene.at)
    return webhooks
