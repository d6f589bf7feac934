"""A file at Freshdesk: one multipart request that is note and file in one (15 MB in all, by the older text)."""

import re

from agents.helpdesks.freshdesk.answers import read_write
from agents.helpdesks.freshdesk.client import FreshdeskClient
from agents.helpdesks.freshdesk.render import note_path
from agents.helpdesks.identity import numeric
from agents.helpdesks.markup import emphasis
from agents.helpdesks.port import Answer, TicketFile
from agents.helpdesks.prepare import reference
from agents.helpdesks.safe_text import one_line
from agents.text.html import paragraphs

MAX_BYTES = 15 * 1024 * 1024
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w.+-]{0,60}/[\w.+-]{1,60}(?:; ?charset=[\w-]{1,20})?")


async def attach_file(client: FreshdeskClient, ticket_id: str, file: TicketFile, *, action_id: str) -> Answer:
    """What came of it."""
    if numeric(ticket_id) is None:
        return Answer("refused", "not_found")
    if len(file.content) > MAX_BYTES:
        return Answer("refused", "file_too_large")
    boundary = f"handoff-{action_id}"
    content = multipart(file, action_id, boundary)
    return read_write(
        await client.send("POST", note_path(ticket_id), content, f"multipart/form-data; boundary={boundary}")
    )


def multipart(file: TicketFile, action_id: str, boundary: str) -> bytes:
    """The note with its file; the boundary is derived from the action, so that a repeat has the same bytes."""
    name = re.sub(r'["\\]', "_", one_line(file.name, 100)) or "file"
    html = paragraphs(f"File of the conversation: {name}") + emphasis(reference(action_id))
    media_type = file.media_type if _MEDIA_TYPE.fullmatch(file.media_type) else "application/octet-stream"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="body"\r\n\r\n{html}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="private"\r\n\r\ntrue\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="attachments[]"; filename="{name}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    )
    return head.encode() + file.content + f"\r\n--{boundary}--\r\n".encode()
