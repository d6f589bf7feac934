"""The standard triggers that mail customers, and what they do when they fire.

Source: support.zendesk.com article 4408828984346, "About the standard Support triggers".
"""

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.desks import Desk
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk.paging import paged
from agents.demo.simulators.zendesk.ticket_input import CommentInput

_COMMENT_IS_PUBLIC = {"field": "comment_is_public", "operator": "is", "value": "true"}
_BY_AGENT = {"field": "current_via_id", "operator": "is_not", "value": "31"}


def list_triggers(call: Call) -> Reply:
    """`GET /api/v2/triggers` and `/triggers/active`: each with its conditions and actions."""
    excluded = [
        {"field": "current_tags", "operator": "not_includes", "value": tag}
        for tag in call.settings.zendesk.proactive_trigger_excludes
    ]
    every = [
        _trigger(
            call,
            360_101,
            "Notify requester of new proactive ticket",
            [
                {"field": "update_type", "operator": "is", "value": "Create"},
                _COMMENT_IS_PUBLIC,
                {"field": "role", "operator": "is", "value": "agent"},
                *excluded,
            ],
            "requester_id",
            active=call.settings.zendesk.proactive_trigger,
        ),
        _trigger(
            call,
            360_102,
            "Notify requester and CCs of comment update",
            [{"field": "update_type", "operator": "is", "value": "Change"}, _COMMENT_IS_PUBLIC, _BY_AGENT],
            "requester_and_ccs",
            active=True,
        ),
    ]
    active_only = call.path.removesuffix(".json").endswith("/active") or call.query.get("active") == "true"
    return paged(call, "triggers", [trigger for trigger in every if trigger["active"] or not active_only])


def _trigger(call: Call, trigger_id: int, title: str, conditions: list[Json], recipient: str, *, active: bool) -> Json:
    return {
        "url": f"{call.base_url}/api/v2/triggers/{trigger_id}.json",
        "id": trigger_id,
        "title": title,
        "active": active,
        "default": True,
        "category_id": "1",
        "position": trigger_id - 360_100,
        "conditions": {"all": conditions, "any": []},
        "actions": [
            {
                "field": "notification_user",
                "value": [recipient, f"[{{{{ticket.account}}}}] {title}", "{{ticket.comments_formatted}}"],
            }
        ],
        "description": None,
        "created_at": "2025-01-01T00:00:00Z",
        "updated_at": "2025-01-01T00:00:00Z",
    }


def on_create(call: Call, desk: Desk, ticket: Json, comment: CommentInput) -> None:
    """A ticket an agent makes with a public comment is mailed to its requester, text and all."""
    account = call.settings.zendesk
    excluded = set(account.proactive_trigger_excludes) & set(ticket["tags"])
    if account.proactive_trigger and not excluded and comment.public is not False:
        _mail_requester(desk, ticket, comment, call.at)


def on_comment(call: Call, desk: Desk, ticket: Json, comment: CommentInput) -> None:
    """A public comment by an agent is mailed to the requester."""
    public = ticket["is_public"] if comment.public is None else comment.public
    if public and comment.author_id in (None, call.settings.zendesk.agent_id):
        _mail_requester(desk, ticket, comment, call.at)


def _mail_requester(desk: Desk, ticket: Json, comment: CommentInput, at: float) -> None:
    requester = desk.user(ticket["requester_id"])
    if requester is not None and requester.get("email"):
        desk.mail(requester["email"], f"[{desk.account}] Re: {ticket['subject'] or ''}", comment.text, at)
