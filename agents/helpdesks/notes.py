"""The notes that follow a create, as actions; how a note is sent is the helpdesk's. Pure."""

from collections.abc import Callable, Sequence

from agents.helpdesks.markup import Section, emphasis, entry_html, sections_html, size_bytes
from agents.helpdesks.port import Note
from agents.helpdesks.prepare import reference
from agents.helpdesks.safe_text import block, shorten
from agents.helpdesks.transcript import MAX_TURN_CHARS, entries, fit
from agents.text.html import paragraphs
from streams import ids
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Turn

_FRAME_BYTES = 1000

SendNote = Callable[[str, str], PreparedRequest]
"""(html, action id) -> request."""


def numbered(
    escalation_id: str, after: str, bodies: Sequence[Callable[[str], str]], send: SendNote
) -> tuple[Note, ...]:
    """`note`, `note2`, …; after a follow-up `follow_up:note`, …: each `body` is given the reference for its foot."""
    before = "" if after in {"open", "minimal"} else f"{after}:"
    notes = []
    for number, body in enumerate(bodies, start=1):
        action = f"{before}note{number if number > 1 else ''}"
        action_id = ids.action_id(escalation_id, action)
        notes.append(Note(action, action_id, send(body(reference(action_id)), action_id)))
    return tuple(notes)


def own_words_html(text: str, action_id: str, *, max_bytes: int) -> str:
    """A note of our own words, cut where they are too many."""
    said = block(text, MAX_TURN_CHARS) or "(nothing)"
    while len(html := paragraphs(said).encode()) > max_bytes - _FRAME_BYTES:
        said = shorten(said, len(said) * (max_bytes - _FRAME_BYTES) // (len(html) + 1))
    return html.decode() + emphasis(reference(action_id))


def later_message_html(turn: Turn, action_id: str, *, max_bytes: int) -> str:
    """What the customer wrote after the ticket was opened."""
    fitted = fit(entries([turn]), max_bytes - _FRAME_BYTES, size_bytes)
    cut = " It is too long for a comment; the chat has the rest." if fitted.left_over else ""
    head = sections_html([Section("The customer wrote in the chat", f"After this ticket was opened.{cut}")])
    return head + "".join(entry_html(entry) for entry in fitted.shown) + emphasis(reference(action_id))
