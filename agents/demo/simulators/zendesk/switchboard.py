"""Control of a conversation, and the messaging ticket that opens when people get it.

The ticket opens when the agent workspace becomes active; its fields can be set in that `passControl` alone.
Passing control to who has it changes nothing and opens no second ticket.
"""

from agents.demo.simulators.calls import Call, Created, Reply
from agents.demo.simulators.chats import Session
from agents.demo.simulators.desks import Desk
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import messaging_ticket
from agents.demo.simulators.zendesk import sunshine_records as records
from agents.demo.simulators.zendesk.sunshine import chat_of, flat_metadata, found, json_object, refusal


def pass_control(call: Call) -> Reply:
    """`POST /conversations/{id}/passControl`: 200 and an empty object."""
    session, given = found(call), json_object(call)
    metadata, target = flat_metadata(given.get("metadata")), _target(session, given)
    if records.active(session) == target:
        return Reply(200, {}, target=f"conversation/{session.id}")
    session = session.knowing(active=target, pending=None)
    created: tuple[Created, ...] = ()
    if target["name"] == records.AGENT_WORKSPACE:
        session, created = take_over(call, session, metadata)
    else:
        session = session.changed(ai="active" if target["name"] == "ultimate" else "paused", holder="ai")
    session = chat_of(call).save(session, call.at)
    return _changed(call, session, "switchboard:passControl", {"metadata": metadata}, created)


def take_over(call: Call, session: Session, metadata: Json) -> tuple[Session, tuple[Created, ...]]:
    """People hold the conversation: an open messaging ticket goes on, otherwise one opens now."""
    session = session.changed(ai="paused", holder="human")
    desk = Desk(call.store, "zendesk", call.account)
    present = desk.ticket_of_conversation(session.id)
    if present is not None and present["status"] != "closed":
        return session, ()
    ticket_id, requester_id = messaging_ticket.open_for(call, desk, session, metadata)
    return session.knowing(zendesk_id=str(requester_id)), (Created("tickets", "zendesk", ticket_id),)


def release_control(call: Call) -> Reply:
    """`POST /conversations/{id}/releaseControl`: nobody is in control."""
    session, given = found(call), json_object(call)
    metadata = flat_metadata(given.get("metadata"))
    session = session.knowing(active=None, pending=None).changed(ai="paused", holder="nobody")
    session = chat_of(call).save(session, call.at)
    return _changed(call, session, "switchboard:releaseControl", {"metadata": metadata})


def offer_control(call: Call) -> Reply:
    """`POST /conversations/{id}/offerControl`: one becomes pending; it must not be the active one."""
    session, given = found(call), json_object(call)
    metadata, target = flat_metadata(given.get("metadata")), _target(session, given)
    if records.active(session) == target:
        raise refusal(400, "bad_request", "The switchboard integration is already active")
    session = chat_of(call).save(session.knowing(pending=target), call.at)
    return _changed(call, session, "switchboard:offerControl", {"metadata": metadata})


def accept_control(call: Call) -> Reply:
    """`POST /conversations/{id}/acceptControl`: the pending one becomes active."""
    session, given = found(call), json_object(call)
    metadata, target = flat_metadata(given.get("metadata")), session.doc.get("pending")
    if target is None:
        raise refusal(400, "bad_request", "No switchboard integration is pending")
    session = session.knowing(active=target, pending=None)
    created: tuple[Created, ...] = ()
    if target["name"] == records.AGENT_WORKSPACE:
        session, created = take_over(call, session, metadata)
    session = chat_of(call).save(session, call.at)
    return _changed(call, session, "switchboard:acceptControl", {"metadata": metadata}, created)


def _target(session: Session, given: Json) -> Json:
    named = given.get("switchboardIntegration")
    if not isinstance(named, str) or not named:
        raise refusal(400, "bad_request", "switchboardIntegration is required")
    if named == "next":
        present = records.active(session)
        position = records.INTEGRATIONS.index(present) + 1 if present in records.INTEGRATIONS else 0
        return records.INTEGRATIONS[min(position, len(records.INTEGRATIONS) - 1)]
    target = records.integration(named)
    if target is None:
        raise refusal(404, "switchboard_integration_not_found", "Switchboard integration not found")
    return target


def _changed(call: Call, session: Session, event: str, payload: Json, created: tuple[Created, ...] = ()) -> Reply:
    number, account = chat_of(call).next_number(), call.settings.zendesk
    echoes = account.sunshine.echoes
    webhooks = records.webhook(account, session, number, event, payload, call.at) if echoes else ()
    return Reply(200, {}, target=f"conversation/{session.id}", created=created, webhooks=webhooks)
