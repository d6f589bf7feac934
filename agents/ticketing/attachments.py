"""Copying a customer's file in: from allowed hosts alone, under a size cap, without redirects."""

from urllib.parse import unquote, urlsplit

from agents.helpdesks.port import TicketFile
from agents.outbound import Http, HttpRequest, OutboundError
from agents.settings import OutboundSettings
from agents.ticketing.world import NotCopied
from streams.contracts.people import Attachment

FETCH_SECONDS = 10.0
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


async def fetch(http: Http, rules: OutboundSettings, attachment: Attachment) -> TicketFile | NotCopied:
    """The file, or why it stays where it is."""
    reason = refusal(rules, attachment)
    if reason is not None:
        return NotCopied(reason)
    request = HttpRequest(
        "GET", attachment.url, timeout_seconds=FETCH_SECONDS, max_response_bytes=rules.max_attachment_bytes
    )
    try:
        response = await http.send(request)
    except OutboundError as error:
        return NotCopied(error.reason if error.reason in {"too_large", "not_allowed"} else "no_answer")
    if response.status != 200:
        return NotCopied(f"http_{response.status}")
    if not response.body:
        return NotCopied("empty")
    media_type = attachment.media_type or response.headers.get("content-type", "").split(";", 1)[0].strip()
    return TicketFile(name_of(attachment), media_type or "application/octet-stream", response.body)


def refusal(rules: OutboundSettings, attachment: Attachment) -> str | None:
    """Why the file is not even asked for; None: it may be."""
    try:
        parts = urlsplit(attachment.url)
        host = (parts.hostname or "").lower()
        plain_port = parts.port in {None, 443}
    except ValueError:
        return "not_allowed"
    if rules.allow_loopback and host in _LOOPBACK and parts.scheme in {"http", "https"}:
        pass
    elif parts.scheme != "https" or not plain_port or host not in {name.lower() for name in rules.attachment_hosts}:
        return "not_allowed"
    if attachment.private:
        return "private"
    if attachment.size_bytes is not None and attachment.size_bytes > rules.max_attachment_bytes:
        return "too_large"
    return None


def name_of(attachment: Attachment) -> str:
    """The file's name, from its address where it has none."""
    return attachment.name or unquote(urlsplit(attachment.url).path.rsplit("/", 1)[-1])[:100] or "file"
