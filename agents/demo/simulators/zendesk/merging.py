"""Merging tickets: the sources are closed and point to the target."""

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.formats import iso_seconds, markup_of
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import errors
from agents.demo.simulators.zendesk.ticket_input import CommentInput
from agents.demo.simulators.zendesk.tickets import add_comment, desk_of, found


def merge_tickets(call: Call) -> Reply:
    """`POST /api/v2/tickets/{id}/merge`: closes each of `ids`, tags it `closed_by_merge`, comments on both sides."""
    target, desk = found(call), desk_of(call)
    try:
        given = call.json()
    except ValueError:
        raise errors.malformed() from None
    ids = given.get("ids") if isinstance(given, dict) else None
    if not isinstance(ids, list) or not ids:
        raise errors.bad_request("Invalid attribute", "You passed an invalid value for the ids attribute.")
    if target["status"] == "closed":
        raise errors.invalid("base", "Target ticket is closed")
    for number in ids:
        source = desk.ticket(int(number))
        if source is None or source["status"] == "closed" or source["id"] == target["id"]:
            raise errors.invalid("ids", f"Ticket {number} cannot be merged")
        text = f'This request was closed and merged into request #{target["id"]} "{target["subject"]}".'
        _comment(call, source, given.get("source_comment") or text, public=bool(given.get("source_comment_is_public")))
        changed = {
            "status": "closed",
            "tags": sorted({*source["tags"], "closed_by_merge"}),
            "updated_at": iso_seconds(call.at),
        }
        desk.save_ticket(source | changed, call.at)
        text = f'Request #{source["id"]} "{source["subject"]}" was closed and merged into this request.'
        _comment(call, target, given.get("target_comment") or text, public=bool(given.get("target_comment_is_public")))
    job = f"{call.store.next_id(f'zendesk/{call.account}/jobs', 1):032x}"
    status = {
        "id": job,
        "url": f"{call.base_url}/api/v2/job_statuses/{job}.json",
        "total": len(ids),
        "progress": None,
        "status": "queued",
        "message": None,
        "results": None,
    }
    return Reply(200, {"job_status": status}, target=f"ticket/{target['id']}")


def _comment(call: Call, ticket: Json, text: str, *, public: bool) -> None:
    comment = CommentInput(markup_of(str(text)), str(text), public, None, ())
    add_comment(call, desk_of(call), ticket, comment, {})
