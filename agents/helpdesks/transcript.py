"""The conversation turn by turn, newest turns first to find room, oldest first to be read. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC

from agents.helpdesks.port import Draft
from agents.helpdesks.safe_text import CUT, block, one_line
from streams.contracts.people import Attachment, Turn

MAX_TURN_CHARS = 32_000
MIN_CUT_CHARS = 400
"""A turn too long for the room left is cut, unless less than this would remain of it."""

_AUTHORS = {"customer": "Customer", "ai": "AI", "human": "Agent", "system": "System"}


@dataclass(frozen=True)
class Entry:
    """One turn as it is shown: `head` says when and who."""

    head: str
    text: str


@dataclass(frozen=True)
class Fitted:
    """`shown` fits; `left_over` are the older turns that did not, the whole of a cut one among them."""

    shown: tuple[Entry, ...]
    left_over: tuple[Entry, ...]


def entries(turns: Sequence[Turn]) -> tuple[Entry, ...]:
    """All turns, in the order given."""
    return tuple(Entry(_head(turn), _said(turn)) for turn in turns)


def fit(wanted: Sequence[Entry], room_bytes: int, size_bytes: Callable[[Entry], int]) -> Fitted:
    """As many of the newest entries as fit into `room_bytes`; the first that does not is cut where that pays."""
    shown: list[Entry] = []
    for at in range(len(wanted) - 1, -1, -1):
        needed = size_bytes(wanted[at])
        if needed > room_bytes:
            cut = _cut(wanted[at], room_bytes, size_bytes)
            return Fitted((*([cut] if cut else []), *reversed(shown)), tuple(wanted[: at + 1]))
        room_bytes -= needed
        shown.append(wanted[at])
    return Fitted(tuple(reversed(shown)), ())


def explained(draft: Draft, fitted: Fitted) -> str:
    """Where the transcript comes from, and what of it is not here."""
    source = "the chat platform's own record" if draft.transcript_from == "platform" else "the messages we received"
    told = [f"From {source}, times in UTC."]
    if draft.turns_omitted:
        told.append(f"{draft.turns_omitted} earlier turns are not part of it; the chat has them.")
    if fitted.left_over:
        told.append(f"The first {len(fitted.left_over)} turns did not fit and are in the attached transcript.txt.")
    return " ".join(told)


def file_names(draft: Draft) -> tuple[str, ...]:
    """The files of the conversation, by name, type and size; none twice, never their addresses."""
    own = [file for turn in draft.turns for file in turn.attachments]
    return tuple(dict.fromkeys(_file(file) for file in (*draft.attachments, *own)))[:20]


def _head(turn: Turn) -> str:
    name = one_line(turn.author_name or "", 60)
    who = _AUTHORS[turn.author] + (f" ({name})" if name else "")
    at = turn.occurred_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    marks = (" · no time given" if turn.untimed else "") + (" · automatic" if turn.automatic else "")
    return f"{'' if turn.untimed else f'{at} · '}{who}{marks}"


def _said(turn: Turn) -> str:
    files = [f"[file: {_file(file)}]" for file in turn.attachments]
    return "\n".join(part for part in (block(turn.text, MAX_TURN_CHARS), *files) if part) or "[no text]"


def _file(file: Attachment) -> str:
    size = f"{max(file.size_bytes // 1024, 1)} kB" if file.size_bytes else ""
    about = ", ".join(part for part in (one_line(file.media_type or "", 60), size) if part)
    return (one_line(file.name or "", 100) or "unnamed") + (f" ({about})" if about else "")


def _cut(entry: Entry, room_bytes: int, size_bytes: Callable[[Entry], int]) -> Entry | None:
    """The beginning of an entry that fits, found by halving; None where too little would remain."""
    low, high = 0, len(entry.text)
    while low < high:
        middle = (low + high + 1) // 2
        if size_bytes(Entry(entry.head, entry.text[:middle] + CUT)) <= room_bytes:
            low = middle
        else:
            high = middle - 1
    return Entry(entry.head, entry.text[:low].rstrip() + CUT) if low >= MIN_CUT_CHARS else None
