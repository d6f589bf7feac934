"""The company's own chat: every delivery holds the whole session."""

from agents.demo.simulators import llm
from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chat_side.step import Scene, Step, speaker_name
from agents.demo.simulators.store import Json

_RESOLUTIONS = {
    "resolved": "resolved_confirmed",
    "assumed_resolved": "resolved_assumed",
    "unresolved": "unresolved",
    "escalated": "escalated",
    "abandoned": "abandoned",
}


def play(scene: Scene, step: Step) -> tuple[Webhook, ...]:
    """A turn, a request for a person, or the end of the session."""
    assessment: Json = dict(step.facts.get("assessment") or {})
    if step.say is not None:
        say = step.say
        doc = {
            key: value for key, value in (("confidence", say.confidence), ("intent", say.intent)) if value is not None
        }
        scene.add(f"m-{scene.number()}", say, doc, name=speaker_name(say, scene.session))
        if say.author == "ai":
            assessment |= doc
    if step.asks_for_person:
        assessment["human_requested"] = True
    if step.verdict is not None:
        assessment["resolution"] = _RESOLUTIONS[step.verdict]
        if step.reason is not None:
            assessment["handoff_reason"] = step.reason
    if step.end is not None:
        scene = scene.knowing(scene.session.changed(ai="ended", holder="nobody", status="closed"))
    session = scene.session
    base = f"{scene.base_url}/llm/{scene.chat.account}/sessions/{session.id}"
    more: Json = {"assessment": assessment} if assessment else {}
    more |= {key: step.facts[key] for key in ("structured_data", "attachments", "body_format") if key in step.facts}
    body = llm.session_body(
        session,
        scene.chat.messages(session.id),
        _event_type(step),
        f"evt-{session.id}-{scene.number()}",
        {"reply_url": f"{base}/reply", "close_url": f"{base}/close"},
        **more,
    )
    return llm.webhook(scene.settings.llm, session, body, scene.at)


def _event_type(step: Step) -> str:
    if step.asks_for_person:
        return "session.human_requested"
    if step.verdict in {"resolved", "assumed_resolved"} and step.end is None:
        return "session.resolved"
    return "session.ended" if step.end is not None or step.verdict is not None else "session.turn"
