"""The chat side from its other end: customers, AIs and people saying things, and the webhooks that follow."""

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chat_side import ai_agents, fin, intercom, llm, sunshine, zendesk_events
from agents.demo.simulators.chat_side.step import Play, Scene, Step
from agents.demo.simulators.chats import Chat, Session
from agents.demo.simulators.settings import AccountSettings
from agents.demo.simulators.store import Store

PLAYS: dict[str, Play] = {
    "custom-llm": llm.play,
    "intercom": intercom.play,
    "fin-agent-api": fin.play,
    "zendesk-sunco": sunshine.play,
    "zendesk-ai-agents-advanced": ai_agents.play,
    "zendesk-events": zendesk_events.play,
}


def play(
    store: Store,
    settings: AccountSettings,
    platform: str,
    account: str,
    session_id: str,
    step: Step,
    *,
    base_url: str,
    at: float,
) -> tuple[Webhook, ...]:
    """Carry out a step, opening the conversation where it is new; the webhooks to deliver."""
    chat = Chat(store, platform, account)
    session = chat.session(session_id) or chat.open(Session(session_id), at)
    if step.customer is not None:
        session = session.knowing(customer={**session.customer, **step.customer})
    session = chat.save(session.knowing(**step.facts), at)
    webhooks = PLAYS[platform](Scene(chat, session, settings, base_url, at), step)
    return webhooks if step.deliver else ()
