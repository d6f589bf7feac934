"""What an agent sees first, whatever the helpdesk: what the customer wants, what the AI said, why it is here. Pure.

A ticket is a `TicketText`: the renderers of the helpdesks put it into their own form and know nothing else of
a conversation. Equal drafts give equal texts, byte for byte.
"""

from dataclasses import dataclass
from functools import cache

from agents.helpdesks.evidence import evidence
from agents.helpdesks.key_data import chat_link, key_data
from agents.helpdesks.markup import Section, emphasis, entry_html, plain, sections_html, strong
from agents.helpdesks.port import Draft, TicketFile
from agents.helpdesks.reasons import why
from agents.helpdesks.safe_text import block, one_line, without_links
from agents.helpdesks.subject import subject
from agents.helpdesks.substance import last_answer, wants
from agents.helpdesks.transcript import Entry, Fitted, entries, explained, file_names, fit

MAX_ANSWER_CHARS = 1000
MAX_PUBLIC_CHARS = 1000
MAX_REST_BYTES = 4 * 1024 * 1024
REST_NAME = "transcript.txt"
TRANSCRIPT = "Transcript"
_FOOT_BYTES = 600
"""Kept free for the transcript's heading, its explanation and the reference at the foot."""


@dataclass(frozen=True)
class TicketText:
    """A ticket before it has a form. `rest`: the turns that found no room, as a file, or None."""

    subject: str
    public_words: str | None
    screen: tuple[Section, ...]
    transcript_note: str
    transcript: tuple[Entry, ...]
    transcript_html: str
    evidence: tuple[Section, ...]
    rest: TicketFile | None

    def screen_html(self, foot: str = "") -> str:
        """First screen and transcript as one comment, `foot` as its last line."""
        head = sections_html((*self.screen, Section(TRANSCRIPT, self.transcript_note)))
        return head + self.transcript_html + (emphasis(foot) if foot else "")

    def whole_html(self, foot: str) -> str:
        """Everything as one comment: for a ticket that exists already."""
        head = sections_html((*self.screen, *self.evidence, Section(TRANSCRIPT, self.transcript_note)))
        return head + self.transcript_html + emphasis(foot)

    def evidence_html(self, foot: str) -> str:
        """The evidence as a comment of its own."""
        return strong("Why Handoff opened this ticket") + sections_html(self.evidence) + emphasis(foot)

    def plain(self) -> str:
        """First screen and transcript for a terminal."""
        return plain((*self.screen, Section(TRANSCRIPT, self.transcript_note)), self.transcript)


def build(draft: Draft, *, room_bytes: int, group_missing: bool = False, subject_prefix: str = "") -> TicketText:
    """The ticket of `draft`; first screen, evidence and transcript together stay within `room_bytes` of HTML.

    Made once of a draft: notes and the file of what found no room ask for the same.
    """
    asked = (room_bytes, group_missing, subject_prefix)
    found: TicketText | None = draft.texts.get(asked)
    if found is None:
        found = _built(draft, room_bytes, group_missing=group_missing, subject_prefix=subject_prefix)
        draft.texts[asked] = found
    return found


def _built(draft: Draft, room_bytes: int, *, group_missing: bool, subject_prefix: str) -> TicketText:
    wanted = wants(draft.turns)
    screen = _screen(draft, wanted)
    proof = evidence(draft, group_missing=group_missing)
    room = room_bytes - len(sections_html((*screen, *proof)).encode()) - _FOOT_BYTES
    html = cache(entry_html)
    fitted = fit(entries(draft.turns), room, lambda entry: len(html(entry).encode()))
    return TicketText(
        subject=subject(draft.command, wanted, prefix=subject_prefix),
        public_words=without_links(block(wanted, MAX_PUBLIC_CHARS)) if wanted else None,
        screen=screen,
        transcript_note=explained(draft, fitted),
        transcript=fitted.shown,
        transcript_html="".join(html(entry) for entry in fitted.shown),
        evidence=proof,
        rest=_rest(draft, fitted),
    )


def _screen(draft: Draft, wanted: str | None) -> tuple[Section, ...]:
    answer = block(last_answer(draft.turns) or "", MAX_ANSWER_CHARS)
    data = "\n".join(key_data(draft)) or "Nothing is known of the customer."
    link = chat_link(draft)
    files = file_names(draft)
    sections = [
        Section("What the customer wants", wanted, "quote")
        if wanted
        else Section("What the customer wants", "The customer wrote nothing."),
        Section("What the AI answered last", answer, "quote")
        if answer
        else Section("What the AI answered last", "The AI gave no answer."),
        Section("Why this came to a person", why(draft.command)),
        Section("Key data", data),
    ]
    if link:
        sections.append(Section("Chat", link, "link"))
    if files:
        names = one_line("; ".join(files), 1000)
        sections.append(Section("Files", f"{names}\nThose that could be copied follow in notes of their own."))
    return tuple(sections)


def _capped(text: str) -> bytes:
    return text.encode()[:MAX_REST_BYTES].decode("utf-8", "ignore").encode()


def _rest(draft: Draft, fitted: Fitted) -> TicketFile | None:
    if not fitted.left_over:
        return None
    title = f"Conversation {one_line(draft.command.conversation_id, 200)}: the turns that are not in the ticket"
    text = f"{title}\n\n" + "\n\n".join(f"{entry.head}\n{entry.text}" for entry in fitted.left_over) + "\n"
    return TicketFile(REST_NAME, "text/plain; charset=utf-8", _capped(text))
