"""Files: uploaded first, then named by token in a comment.

The answer is JSON declared as text/plain, as recorded from the real API.
"""

import hashlib
from collections.abc import Sequence

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.formats import iso_seconds
from agents.demo.simulators.store import Json, Row
from agents.demo.simulators.zendesk import errors

_LIFETIME_SECONDS = 72 * 3600
_LARGEST_BYTES = 50 * 1024 * 1024


def upload(call: Call) -> Reply:
    """`POST /api/v2/uploads?filename=`; `&token=` adds a file to an earlier one."""
    name = call.query.get("filename")
    if not name:
        raise errors.bad_request("Invalid attribute", "You passed an invalid value for the filename attribute.")
    if len(call.body) > _LARGEST_BYTES:
        raise errors.invalid("base", "Attachment: is too large")
    number = call.store.next_id(f"zendesk/{call.account}/uploads", 498_483)
    token = call.query.get("token") or hashlib.sha256(f"{call.account}/{number}".encode()).hexdigest()[:26]
    call.store.run(
        "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
        call.account,
        token,
        number,
        name,
        call.headers.get("content-type", "application/octet-stream"),
        call.body,
        call.at,
    )
    files = [_attachment(call, row) for row in _rows(call, token)]
    body = {
        "upload": {
            "token": token,
            "expires_at": iso_seconds(call.at + _LIFETIME_SECONDS),
            "attachment": files[-1],
            "attachments": files,
        }
    }
    return Reply(201, body, content_type="text/plain; charset=utf-8", target=f"upload/{token}")


def attach(call: Call, ticket_id: int, tokens: Sequence[str]) -> list[Json]:
    """Bind uploaded files to a ticket; an unknown or old token is refused."""
    attached: list[Json] = []
    for token in tokens:
        rows = _rows(call, token)
        if not rows or rows[0]["created_at"] + _LIFETIME_SECONDS <= call.at:
            raise errors.invalid("uploads", "Upload: token is invalid or has expired")
        call.store.run(
            "UPDATE uploads SET ticket_id = ? WHERE account = ? AND token = ?", ticket_id, call.account, token
        )
        attached += [_attachment(call, row) for row in rows]
    return attached


def _rows(call: Call, token: str) -> list[Row]:
    return call.store.rows("SELECT * FROM uploads WHERE account = ? AND token = ? ORDER BY id", call.account, token)


def _attachment(call: Call, row: Row) -> Json:
    return {
        "url": f"{call.base_url}/api/v2/attachments/{row['id']}.json",
        "id": row["id"],
        "file_name": row["file_name"],
        "content_url": f"{call.base_url}/attachments/token/{row['token']}/?name={row['file_name']}",
        "mapped_content_url": f"{call.base_url}/attachments/token/{row['token']}/?name={row['file_name']}",
        "content_type": row["content_type"],
        "size": len(row["content"]),
        "width": None,
        "height": None,
        "inline": False,
        "deleted": False,
        "malware_access_override": False,
        "malware_scan_result": "not_scanned",
        "thumbnails": [],
    }
