"""Brakes: what a machine wrote, or what quotes us, starts nothing. They come before any signal is looked for.

The gateway drops what is certain (echoes, mail headers). Here only contents and time can be judged, and most of it
only after we have answered ourselves: before that there is nothing an autoresponder could be answering.
"""

from functools import lru_cache

from agents.escalation.moments import SECOND_MS
from agents.escalation.state import CUSTOMER, Episode, Head, Mark
from agents.policy.words import fold
from streams.ids import escalation_id

AUTOMATIC = "automatic"
IDENTICAL = "identical_text"
QUOTED = "quotes_our_notice"
TOO_FAST = "too_fast"

MAIL_CHANNELS = frozenset({"email", "mail"})
NOTICE_AND_REPLY_MS = 15 * SECOND_MS
"""Our notice leaves within ten seconds of the decision; nobody reads and answers a mail in five."""
MIN_IDENTICAL_TOKENS = 4
ECHO_CHARS = 200
"""A notice quoted this near the top is the message; further down it is history below an answer."""


def ours_at(head: Head, text: str, sentences: tuple[str, ...]) -> int:
    """Where `text` begins to quote a notice of ours; -1: nowhere."""
    sentence_at, id_at = _sentence_at(text, sentences) if sentences else -1, _id_at(head, text)
    if sentence_at < 0 or id_at < 0:
        return max(sentence_at, id_at)
    return min(sentence_at, id_at)


def _sentence_at(text: str, sentences: tuple[str, ...]) -> int:
    folded = fold(text)
    places = [place for sentence in _folded(sentences) if (place := folded.find(sentence)) >= 0]
    return min(places, default=-1)


@lru_cache(maxsize=16)
def _folded(sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Our own words, which are the same for every message."""
    return tuple(map(fold, sentences))


def _id_at(head: Head, text: str) -> int:
    if "-" not in text:
        return -1
    places = [
        place
        for episode in (head.open, head.closed)
        if episode is not None and episode.live is not None
        if (place := text.find(escalation_id(head.tenant, head.conversation_id, episode.id))) >= 0
    ]
    return min(places, default=-1)


def after_our_notice(head: Head, episode: Episode | None, mark: Mark) -> str | None:
    """The brake on a customer's message that comes after an escalation of ours, if one applies."""
    escalated = episode or head.closed
    if escalated is None or escalated.live is None:
        return None
    since = mark.ms - escalated.live.ms
    if head.channel in MAIL_CHANNELS and 0 <= since <= NOTICE_AND_REPLY_MS:
        return TOO_FAST
    if len(mark.tokens) >= MIN_IDENTICAL_TOKENS and any(
        m.tokens == mark.tokens and m.author == CUSTOMER and m.offset > escalated.live.offset for m in escalated.marks
    ):
        return IDENTICAL
    return None
