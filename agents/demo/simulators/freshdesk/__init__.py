"""A Freshdesk account: API v2. Creating knows no idempotency; lists are immediate, search lags by minutes."""

from agents.demo.simulators.calls import Call, Operation, Reply, Simulator
from agents.demo.simulators.freshdesk import access, contacts, errors, tickets
from agents.demo.simulators.freshdesk.paging import paged

_LONG_AGO = "2025-01-01T00:00:00Z"
_TICKET = r"/api/v2/tickets/{id:\d+}"


def list_groups(call: Call) -> Reply:
    """`GET /groups`."""
    return paged(call, [_named(number, name) for name, number in call.settings.freshdesk.groups.items()])


def list_products(call: Call) -> Reply:
    """`GET /products`."""
    return paged(call, [_named(number, name) for name, number in call.settings.freshdesk.products.items()])


def show_me(call: Call) -> Reply:
    """`GET /agents/me`: whom the key belongs to."""
    contact = {"active": True, "email": "handoff@acme.example", "name": "Handoff", "language": "en"}
    return Reply(
        200, {"id": call.settings.freshdesk.agent_id, "ticket_scope": 1, "type": "support_agent", "contact": contact}
    )


def list_fields(call: Call) -> Reply:
    """`GET /ticket_fields`: the custom ones."""
    names = call.settings.freshdesk.field_names or ()
    fields = [{"id": 43_700 + n, "name": name, "label": name, "type": "custom_text"} for n, name in enumerate(names)]
    return paged(call, fields)


def _named(number: int, name: str) -> dict[str, object]:
    return {"id": number, "name": name, "description": None, "created_at": _LONG_AGO, "updated_at": _LONG_AGO}


FRESHDESK = Simulator(
    name="freshdesk",
    operations=(
        Operation("freshdesk.create_ticket", "POST", "/api/v2/tickets", tickets.create_ticket),
        Operation("freshdesk.list_tickets", "GET", "/api/v2/tickets", tickets.list_tickets),
        Operation("freshdesk.merge_tickets", "PUT", "/api/v2/tickets/merge", tickets.merge_tickets),
        Operation("freshdesk.show_ticket", "GET", _TICKET, tickets.show_ticket),
        Operation("freshdesk.update_ticket", "PUT", _TICKET, tickets.update_ticket),
        Operation("freshdesk.add_note", "POST", _TICKET + "/notes", tickets.add_note),
        Operation("freshdesk.add_reply", "POST", _TICKET + "/reply", tickets.add_reply),
        Operation("freshdesk.list_conversations", "GET", _TICKET + "/conversations", tickets.list_conversations),
        Operation("freshdesk.search_tickets", "GET", "/api/v2/search/tickets", tickets.search_tickets),
        Operation("freshdesk.create_contact", "POST", "/api/v2/contacts", contacts.create_contact),
        Operation("freshdesk.list_contacts", "GET", "/api/v2/contacts", contacts.list_contacts),
        Operation("freshdesk.show_contact", "GET", r"/api/v2/contacts/{id:\d+}", contacts.show_contact),
        Operation("freshdesk.update_contact", "PUT", r"/api/v2/contacts/{id:\d+}", contacts.update_contact),
        Operation("freshdesk.search_contacts", "GET", "/api/v2/search/contacts", contacts.search_contacts),
        Operation("freshdesk.list_groups", "GET", "/api/v2/groups", list_groups),
        Operation("freshdesk.list_products", "GET", "/api/v2/products", list_products),
        Operation("freshdesk.list_fields", "GET", "/api/v2/ticket_fields", list_fields),
        Operation("freshdesk.show_me", "GET", "/api/v2/agents/me", show_me),
    ),
    guard=access.guard,
    dress=access.dress,
    unknown=errors.unknown_endpoint,
)
