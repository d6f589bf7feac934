"""What an account has been set up with: groups, brands, forms, fields."""

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk.paging import paged

_LONG_AGO = "2025-01-01T00:00:00Z"


def list_groups(call: Call) -> Reply:
    """`GET /api/v2/groups`."""
    default = call.settings.zendesk.default_group_id
    groups = [
        _record(call, "groups", number)
        | {"name": name, "description": "", "default": number == default, "is_public": True, "deleted": False}
        for name, number in call.settings.zendesk.groups.items()
    ]
    return paged(call, "groups", groups)


def list_brands(call: Call) -> Reply:
    """`GET /api/v2/brands`."""
    brands = [
        _record(call, "brands", number)
        | {"name": name, "subdomain": call.account, "active": True, "default": position == 0, "is_deleted": False}
        for position, (name, number) in enumerate(call.settings.zendesk.brands.items())
    ]
    return paged(call, "brands", brands)


def list_forms(call: Call) -> Reply:
    """`GET /api/v2/ticket_forms`."""
    forms = [
        _record(call, "ticket_forms", number)
        | {"name": name, "display_name": name, "active": True, "default": position == 0, "position": position}
        for position, (name, number) in enumerate(call.settings.zendesk.forms.items())
    ]
    return paged(call, "ticket_forms", forms)


def list_fields(call: Call) -> Reply:
    """`GET /api/v2/ticket_fields`: the custom ones."""
    fields = [
        _record(call, "ticket_fields", number) | {"type": "text", "title": f"Field {number}", "active": True}
        for number in call.settings.zendesk.field_ids
    ]
    return paged(call, "ticket_fields", fields)


def show_settings(call: Call) -> Reply:
    """`GET /api/v2/account/settings`: the part about tickets."""
    del call
    tickets = {
        "comments_public_by_default": True,
        "is_first_comment_private_enabled": True,
        "list_newest_comments_first": True,
        "private_attachments": False,
        "tagging": True,
    }
    return Reply(200, {"settings": {"tickets": tickets}})


def _record(call: Call, kind: str, number: int) -> Json:
    return {
        "url": f"{call.base_url}/api/v2/{kind}/{number}.json",
        "id": number,
        "created_at": _LONG_AGO,
        "updated_at": _LONG_AGO,
    }
