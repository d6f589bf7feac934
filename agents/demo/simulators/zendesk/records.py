"""Zendesk's records as its API shows them: ticket, comment, audit, user. Field names from the official OpenAPI."""

from agents.demo.simulators.calls import Call
from agents.demo.simulators.formats import iso_seconds
from agents.demo.simulators.store import Json, Row

SYSTEM = {"client": "handoff", "ip_address": "127.0.0.1", "location": "Local", "latitude": 0.0, "longitude": 0.0}
_EMPTY_VIA: Json = {"from": {}, "to": {}, "rel": None}


def via(channel: str, source: Json | None = None) -> Json:
    """Where something came from."""
    return {"channel": channel, "source": source or _EMPTY_VIA}


def new_ticket(call: Call, ticket_id: int, *, channel: str, requester_id: int, submitter_id: int) -> Json:
    """A ticket with everything at its default."""
    now = iso_seconds(call.at)
    account = call.settings.zendesk
    return {
        "url": f"{call.base_url}/api/v2/tickets/{ticket_id}.json",
        "id": ticket_id,
        "external_id": None,
        "via": via(channel),
        "created_at": now,
        "updated_at": now,
        "generated_timestamp": int(call.at),
        "type": None,
        "subject": None,
        "raw_subject": None,
        "description": "",
        "priority": None,
        "status": "new",
        "recipient": None,
        "requester_id": requester_id,
        "submitter_id": submitter_id,
        "assignee_id": None,
        "organization_id": None,
        "group_id": account.default_group_id,
        "collaborator_ids": [],
        "follower_ids": [],
        "email_cc_ids": [],
        "forum_topic_id": None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": [],
        "custom_fields": [{"id": field, "value": None} for field in account.field_ids],
        "satisfaction_rating": {"score": "unoffered"},
        "sharing_agreement_ids": [],
        "custom_status_id": 1,
        "followup_ids": [],
        "ticket_form_id": next(iter(account.forms.values()), None),
        "brand_id": next(iter(account.brands.values()), None),
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": channel == "native_messaging",
    }


def comment(row: Row, doc: Json) -> Json:
    """A comment as `GET /tickets/{id}/comments` shows it."""
    return doc | {"public": bool(row["public"])}


def new_comment(
    *, comment_id: int, audit_id: int, author_id: int, html_body: str, text: str, public: bool, at: float, custom: Json
) -> Json:
    """A comment. `html_body` comes back wrapped, as recorded from the real API."""
    return {
        "id": comment_id,
        "type": "Comment",
        "author_id": author_id,
        "body": text,
        "html_body": f'<div class="zd-comment" dir="auto">{html_body}</div>',
        "plain_body": text,
        "public": public,
        "attachments": [],
        "audit_id": audit_id,
        "via": via("api"),
        "created_at": iso_seconds(at),
        "metadata": {"system": SYSTEM, "custom": custom},
    }


def audit(audit_id: int, ticket_id: int, author_id: int, at: float, custom: Json, events: list[Json]) -> Json:
    """What one request changed."""
    return {
        "id": audit_id,
        "ticket_id": ticket_id,
        "created_at": iso_seconds(at),
        "author_id": author_id,
        "metadata": {"system": SYSTEM, "custom": custom},
        "events": [{"id": audit_id + number, **event} for number, event in enumerate(events, 1)],
        "via": via("api"),
    }


def new_user(
    call: Call, user_id: int, name: str, *, email: str | None, external_id: str | None, phone: str | None
) -> Json:
    """An end user."""
    now = iso_seconds(call.at)
    return {
        "id": user_id,
        "url": f"{call.base_url}/api/v2/users/{user_id}.json",
        "name": name,
        "email": email,
        "created_at": now,
        "updated_at": now,
        "time_zone": "UTC",
        "phone": phone,
        "shared_phone_number": None,
        "locale_id": 1,
        "locale": "en-US",
        "organization_id": None,
        "role": "end-user",
        "verified": False,
        "external_id": external_id,
        "tags": [],
        "alias": "",
        "active": True,
        "shared": False,
        "suspended": False,
        "details": "",
        "notes": "",
        "user_fields": {},
    }


def identity(call: Call, row: Row) -> Json:
    """One address of a user."""
    return {
        "url": f"{call.base_url}/api/v2/users/{row['user_id']}/identities/{row['id']}.json",
        "id": row["id"],
        "user_id": row["user_id"],
        "type": row["type"],
        "value": row["value"],
        "verified": False,
        "primary": bool(row["is_primary"]),
        "created_at": iso_seconds(row["created_at"]),
        "updated_at": iso_seconds(row["created_at"]),
        "undeliverable_count": 0,
        "deliverable_state": "deliverable",
    }
