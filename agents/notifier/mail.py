"""The notice as a mail: recognisable as automatic, in the customer's thread, with nothing that can be injected. Pure.

RFC 3834 says how an automatic answer marks itself; Exchange reads `X-Auto-Response-Suppress`
([MS-OXCMAIL] 2.1.3.2.21). The subject and the body are ours: what the customer wrote is not repeated, so that
a forged sender gets nobody's words mailed to a stranger. `In-Reply-To` keeps the thread.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from agents.notifier.addresses import split_address
from agents.notifier.plan import Letter
from agents.text.html import paragraphs
from streams.errors import Refused

ESCALATION_HEADER = "X-Handoff-Escalation"
NOTIFICATION_HEADER = "X-Handoff-Notification"
MAX_MESSAGE_ID_CHARS = 250
"""A header line may have 998 characters (RFC 5322 2.1.1), and `References` holds the id beside its name."""

_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
"""Printable ASCII without spaces and angle brackets, once `@` (RFC 5322 3.6.4, without its obsolete forms)."""

_NOT_IN_A_WORD = re.compile(r"[^A-Za-z0-9._-]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True)
class Sender:
    """Whom the mail is from. `domain` is the ASCII form of the address's domain: the right side of a Message-ID."""

    address: str
    name: str | None
    domain: str
    null_sender: bool


@dataclass(frozen=True)
class Recipient:
    """To whom, and the mail it answers."""

    address: str
    answers_message_id: str | None = None


@dataclass(frozen=True)
class Envelope:
    """A mail ready for a server: the message with its headers, and whom the server is told.

    `sender` is empty for the null envelope sender. `needs_utf8`: the server has to speak SMTPUTF8 (RFC 6531).
    """

    sender: str
    recipient: str
    content: bytes
    needs_utf8: bool


def sender_of(address: str, name: str | None, *, null_sender: bool) -> Sender:
    """The sender a tenant configured, or `Refused` where the address is none."""
    split = split_address(address)
    if split is None or not split[0].isascii():
        raise Refused(f"email.from_address: not an address that every server takes: {address}")
    return Sender(f"{split[0]}@{split[1]}", name, split[1], null_sender)


def build_message(  # what a mail is made of, each by name
    letter: Letter,
    *,
    sender: Sender,
    recipient: Recipient,
    notification_id: str,
    escalation_id: str,
    at: datetime,
) -> Envelope:
    """The mail. Equal ids give equal Message-IDs, so that a repeat is known as one. `ValueError`: no such recipient.

    A recipient whose local part is not ASCII needs a server that speaks SMTPUTF8; a foreign domain alone does not.
    """
    split = split_address(recipient.address)
    if split is None:
        raise ValueError("the recipient is no plain address")
    local, domain = split
    needs_utf8 = not local.isascii()
    message = EmailMessage(policy=policy.SMTPUTF8 if needs_utf8 else policy.SMTP)
    message["From"] = Address(_one_line(sender.name or ""), addr_spec=sender.address)
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{_word(notification_id)}@{sender.domain}>"
    for name, value in _thread(recipient.answers_message_id):
        message[name] = value
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    message[ESCALATION_HEADER] = _word(escalation_id)
    message[NOTIFICATION_HEADER] = _word(notification_id)
    message["Content-Language"] = letter.language
    message.set_content(letter.text, subtype="plain", charset="utf-8", cte="quoted-printable")
    message.add_alternative(_html(letter), subtype="html", charset="utf-8", cte="quoted-printable")
    _fix_boundary(message, notification_id)
    envelope_sender = "" if sender.null_sender else sender.address
    return Envelope(envelope_sender, f"{local}@{domain}", message.as_bytes(), needs_utf8)


def _thread(message_id: str | None) -> Iterable[tuple[str, str]]:
    """The headers that put us into the customer's thread; nothing where their Message-ID is not a plain one."""
    bare = (message_id or "").strip()
    if bare and not bare.startswith("<"):
        bare = f"<{bare}>"
    if len(bare) > MAX_MESSAGE_ID_CHARS or _MESSAGE_ID.fullmatch(bare) is None:
        return ()
    return (("In-Reply-To", bare), ("References", bare))


def _one_line(text: str) -> str:
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _word(name: str) -> str:
    """An id as it may stand in a header."""
    return _NOT_IN_A_WORD.sub("", name)


def _html(letter: Letter) -> str:
    return f'<!doctype html>\n<html lang="{letter.language}"><body>{paragraphs(letter.text)}</body></html>\n'


def _fix_boundary(message: EmailMessage, notification_id: str) -> None:
    """The same boundary for the same mail: the library would draw a random one."""
    message.set_boundary(f"handoff-{_word(notification_id)}"[:70])
