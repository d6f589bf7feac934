"""A file at Zendesk: uploaded for a token, then attached to a private note by it.

`POST /api/v2/uploads` answers 201 as text/plain though the body is JSON; a token lives three days
(https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/).
"""

from urllib.parse import quote

from agents.helpdesks.identity import numeric
from agents.helpdesks.markup import emphasis
from agents.helpdesks.port import Account, Answer, TicketFile
from agents.helpdesks.prepare import reference
from agents.helpdesks.safe_text import one_line
from agents.helpdesks.verdicts import by_status
from agents.helpdesks.wire import as_dict, as_text
from agents.helpdesks.zendesk.answers import read_write
from agents.helpdesks.zendesk.client import ZendeskClient
from agents.helpdesks.zendesk.render import comment
from agents.outbound import Ambiguous
from agents.text.html import paragraphs


async def attach_file(
    client: ZendeskClient, account: Account, ticket_id: str, file: TicketFile, *, action_id: str
) -> Answer:
    """What came of it. An upload that got no answer attached nothing: it is `unavailable`, not ambiguous."""
    if numeric(ticket_id) is None:
        return Answer("refused", "not_found")
    name = one_line(file.name, 100) or "file"
    url = f"{account.base_url}/api/v2/uploads?filename={quote(name, safe='')}"
    try:
        uploaded = await client.send("POST", url, file.content, one_line(file.media_type, 100))
    except Ambiguous as error:
        return Answer("unavailable", f"upload_{error.reason}")
    token = as_text(as_dict(as_dict(uploaded.json()).get("upload")).get("token"))
    if not uploaded.ok or token is None:
        answer = by_status(uploaded)
        return answer if answer.verdict != "ambiguous" else Answer("unavailable", answer.reason)
    html = paragraphs(f"File of the conversation: {name}") + emphasis(reference(action_id))
    prepared = comment(ticket_id, html, action_id=action_id, uploads=(token,))
    return read_write(
        await client.send(
            prepared.method, account.base_url + prepared.path, prepared.body.encode(), prepared.content_type
        )
    )
