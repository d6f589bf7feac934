"""What a turn of the conversation leads to."""

from agents.escalation import episodes, loops
from agents.escalation.asking import measure
from agents.escalation.commands import append_to_ticket
from agents.escalation.hearing import Heard, hear_ai, hear_customer
from agents.escalation.judging import conclude
from agents.escalation.learning import MAX_ADDRESS_CHARS, MAX_NAME_CHARS, intent_of, language_of
from agents.escalation.signals import MAX_SPAN_CHARS, Situation
from agents.escalation.state import (
    AI,
    AUTHORS,
    AUTOMATIC,
    CUSTOMER,
    HUMAN,
    MAX_TURN_BYTES,
    TURN_OVERHEAD_BYTES,
    UNTIMED,
    Episode,
    Mark,
    StoredFile,
    StoredTurn,
    TopicHits,
)
from agents.escalation.work import Work
from agents.policy.compiled import TOPIC
from streams.contracts.conversation_events import Message
from streams.contracts.people import Attachment

MAX_TURN_CHARS = 32_000
"""As much as a normaliser lets through; a direct producer's longer text is cut."""
MAX_ATTACHMENTS_PER_TURN = 20
_CODES = {name: code for code, name in enumerate(AUTHORS)}


def on_message(work: Work, event: Message) -> str:
    """The verdict on one turn."""
    author = _CODES[event.author]
    if author == CUSTOMER:
        return _customer(work, event)
    mark = _mark(work, event, author)
    keep_turn(work, event, mark)
    episode = episodes.episode_at(work.head, work.ms)
    if author == AI:
        return _ai(work, event, episode, mark)
    if author == HUMAN:
        return _human(work, event, episode, mark)
    return "noted"


def _mark(work: Work, event: Message, author: int, heard: Heard | None = None) -> Mark:
    flags = (UNTIMED if event.untimed else 0) | (AUTOMATIC if event.automatic else 0)
    if heard is None:
        return Mark(work.ms, work.offset, author, work.event_id, flags)
    confidence = event.confidence if author == AI else None
    return Mark(work.ms, work.offset, author, work.event_id, flags | heard.flags, confidence, heard.tokens)


def _customer(work: Work, event: Message) -> str:
    head = work.head
    language = language_of(head.locale)
    text = event.text[:MAX_TURN_CHARS]
    ours = loops.ours_at(head, text, work.rules.own_sentences)
    if ours >= loops.ECHO_CHARS:
        text = text[:ours]
    heard = hear_customer(text, work.rules.policy, language)
    mark = _mark(work, event, CUSTOMER, heard)
    episode = episodes.episode_at(head, work.ms)
    brake = _brake(work, event, episode, mark, ours)
    if brake is not None:
        work.brakes.append(brake)
    if episode is not None and episode.live is not None:
        return _after_escalation(work, event, episode, mark, brake)
    if brake is not None:
        keep_turn(work, event, _automatic(mark))
        return "ignored_automatic"
    keep_turn(work, event, mark)
    episode = episode or episodes.open_episode(work)
    episodes.hear(episode, mark)
    episode.intent = intent_of(event.intent, episode.intent)
    if heard.matches:
        _learn_topics(episode, event, heard)
    situation = Situation("customer", work.rules.policy, head, episode, work.event_id, work.ms, mark=mark, heard=heard)
    return conclude(work, episode, measure(situation))


def _brake(work: Work, event: Message, episode: Episode | None, mark: Mark, ours: int) -> str | None:
    if event.automatic:
        return loops.AUTOMATIC
    if 0 <= ours < loops.ECHO_CHARS:
        return loops.QUOTED
    return loops.after_our_notice(work.head, episode, mark)


def _automatic(mark: Mark) -> Mark:
    return Mark(mark.ms, mark.offset, mark.author, mark.event_id, mark.flags | AUTOMATIC)


def _after_escalation(work: Work, event: Message, episode: Episode, mark: Mark, brake: str | None) -> str:
    """Add to the ticket, unless a machine wrote it or the agents see the chat anyway."""
    head = work.head
    if brake in {loops.AUTOMATIC, loops.IDENTICAL}:
        keep_turn(work, event, _automatic(mark))
        return "ignored_automatic"
    turn = keep_turn(work, event, _automatic(mark) if brake == loops.TOO_FAST else mark)
    episodes.hear(episode, mark)
    if episodes.human_held_at(head, work.ms) or head.platform in work.rules.seen_by_agents:
        return "seen_by_agents"
    work.commands.append(append_to_ticket(work, episode, turn))
    return "appended"


def _ai(work: Work, event: Message, episode: Episode | None, mark: Mark) -> str:
    heard = hear_ai(event.text[:MAX_TURN_CHARS])
    mark = _mark(work, event, AI, heard)
    if episode is None and _answers_somebody_unheard(work, event):
        episode = episodes.open_episode(work)
    if episode is None:
        if work.head.closed is None:
            episodes.hear_early(work.head, mark)
        return "noted"
    episodes.hear(episode, mark)
    if episode.live is not None:
        return "noted"
    episode.intent = intent_of(event.intent, episode.intent)
    situation = Situation("ai", work.rules.policy, work.head, episode, work.event_id, work.ms, mark=mark)
    return conclude(work, episode, measure(situation))


def _answers_somebody_unheard(work: Work, event: Message) -> bool:
    head = work.head
    return head.closed is None and event.confidence is not None and head.platform in work.rules.customers_unheard


def _human(work: Work, event: Message, episode: Episode | None, mark: Mark) -> str:
    head = work.head
    if loops.ours_at(head, event.text, work.rules.own_sentences) >= 0:
        work.brakes.append(loops.QUOTED)
        return "noted"
    if episode is None:
        return "noted"
    episodes.hear(episode, mark)
    if episode is head.open and not event.automatic and work.ms >= head.holder_ms:
        head.holder, head.holder_ms = "human", work.ms
        return "human_holds"
    return "noted"


def _learn_topics(episode: Episode, event: Message, heard: Heard) -> None:
    for owner, match in heard.matches.items():
        if owner.startswith(TOPIC):
            episode.topics = _with_hit(episode.topics, owner[len(TOPIC) :], match.times, event.event_id, match.span)


def _with_hit(hits: tuple[TopicHits, ...], topic: str, times: int, event_id: str, span: str) -> tuple[TopicHits, ...]:
    for index, hit in enumerate(hits):
        if hit.topic == topic:
            more = TopicHits(topic, hit.count + times, hit.event_id, hit.span)
            return (*hits[:index], more, *hits[index + 1 :])
    return (*hits, TopicHits(topic, times, event_id, span[:MAX_SPAN_CHARS]))


def keep_turn(work: Work, event: Message, mark: Mark) -> StoredTurn:
    """Add the turn to what a ticket will show, the oldest ones trimmed past the cap."""
    head = work.head
    turn = StoredTurn(
        offset=work.offset,
        event_id=work.event_id,
        ms=work.ms,
        author=mark.author,
        text=event.text[:MAX_TURN_CHARS],
        flags=mark.flags & (UNTIMED | AUTOMATIC),
        confidence=event.confidence,
        author_name=event.author_name[:MAX_NAME_CHARS] if event.author_name else None,
        attachments=_files(event.attachments) if event.attachments else (),
    )
    turns = (*work.turns, turn)
    head.turn_bytes += _size(turn)
    first = 0
    while head.turn_bytes > MAX_TURN_BYTES:
        head.turn_bytes -= _size(turns[first])
        first += 1
    if first:
        head.turns_trimmed += first
        turns = turns[first:]
        head.turns_from = turns[0].offset
    work.turns = turns
    return turn


def _files(attachments: tuple[Attachment, ...]) -> tuple[StoredFile, ...]:
    return tuple(
        StoredFile(file.url, file.name, file.media_type, file.size_bytes, file.private)
        for file in attachments[:MAX_ATTACHMENTS_PER_TURN]
        if len(file.url) <= MAX_ADDRESS_CHARS
    )


def _size(turn: StoredTurn) -> int:
    text = turn.text
    return TURN_OVERHEAD_BYTES + (len(text) if text.isascii() else len(text.encode("utf-8", "replace")))
