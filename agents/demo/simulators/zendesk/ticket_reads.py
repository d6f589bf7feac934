"""Reading and listing tickets, their comments and audits."""

import json

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import errors, records
from agents.demo.simulators.zendesk.paging import paged
from agents.demo.simulators.zendesk.tickets import desk_of, found


def show_ticket(call: Call) -> Reply:
    """`GET /api/v2/tickets/{id}`."""
    return Reply(200, {"ticket": found(call)})


def list_tickets(call: Call) -> Reply:
    """`GET /api/v2/tickets`, narrowed by `external_id`, which need not be unique: a list of any length."""
    return _page(call, external_id=call.query.get("external_id"))


def show_many(call: Call) -> Reply:
    """`GET /api/v2/tickets/show_many?ids=`."""
    ids = {int(part) for part in call.query.get("ids", "").split(",") if part.strip().isdecimal()}
    tickets = [ticket for number in sorted(ids) if (ticket := desk_of(call).ticket(number)) is not None]
    return paged(call, "tickets", tickets)


def requested_tickets(call: Call) -> Reply:
    """`GET /api/v2/users/{id}/tickets/requested`."""
    user_id = int(call.params["id"])
    if desk_of(call).user(user_id) is None:
        raise errors.not_found()
    return _page(call, requester_id=user_id)


def search(call: Call) -> Reply:
    """`GET /api/v2/search`, whose index lags behind: tickets by `tags:`, `external_id:`, `status:` and free words."""
    desk, lag = desk_of(call), call.settings.zendesk.search_lag_seconds
    terms = call.query.get("query", "").split()
    found = []
    for row in desk.listed_tickets(call.at - lag):
        ticket = json.loads(row["doc"])
        if all(_matches(ticket, term) for term in terms):
            found.append(ticket | {"result_type": "ticket"})
    return paged(call, "results", found)


def _matches(ticket: Json, term: str) -> bool:
    name, colon, value = term.partition(":")
    value = value.strip('"')
    if not colon:
        return term.lower() in f"{ticket['subject']} {ticket['description']}".lower()
    if name in {"tags", "tag"}:
        return value.lower() in ticket["tags"]
    if name == "type":
        return value == "ticket"
    return str(ticket.get(name)) == value


def list_comments(call: Call) -> Reply:
    """`GET /api/v2/tickets/{id}/comments`, oldest first unless asked otherwise."""
    ticket = found(call)
    rows = desk_of(call).comments(ticket["id"], call.at)
    comments = [records.comment(row, json.loads(row["doc"])) for row in rows]
    newest_first = call.query.get("sort_order") == "desc" or call.query.get("sort", "").startswith("-")
    return paged(call, "comments", comments[::-1] if newest_first else comments)


def list_audits(call: Call) -> Reply:
    """`GET /api/v2/tickets/{id}/audits`, oldest first."""
    ticket = found(call)
    rows = call.store.rows(
        "SELECT doc FROM audits WHERE helpdesk = 'zendesk' AND account = ? AND ticket_id = ? ORDER BY id",
        call.account,
        ticket["id"],
    )
    return paged(call, "audits", [json.loads(row["doc"]) for row in rows])


def _page(call: Call, *, external_id: str | None = None, requester_id: int | None = None) -> Reply:
    field, descending = _order(call)
    rows = desk_of(call).listed_tickets(call.at, external_id=external_id, requester_id=requester_id)
    tickets = [json.loads(row["doc"]) for row in rows]
    ordered = sorted(tickets, key=lambda ticket: (ticket[field] or "", ticket["id"]), reverse=descending)
    return paged(call, "tickets", ordered)


def _order(call: Call) -> tuple[str, bool]:
    cursor_sort = call.query.get("sort", "")
    name = cursor_sort.lstrip("-") or call.query.get("sort_by", "created_at")
    field = name if name in {"created_at", "updated_at", "id", "status", "subject"} else "created_at"
    return field, cursor_sort.startswith("-") or (not cursor_sort and call.query.get("sort_order") == "desc")
