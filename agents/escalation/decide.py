"""The decision: pure, one event at a time, its only time the event's.

In this order: what cannot count twice is let go; what was due before the event happens; what the event knows is
learnt; then the event's kind decides. Loop brakes come before any look for a request.
"""

from collections.abc import Callable
from copy import copy
from typing import Any

from agents.escalation import episodes, seen
from agents.escalation.asking import measure
from agents.escalation.decision import Decision, Rules
from agents.escalation.judging import conclude
from agents.escalation.learning import MAX_MERGED, intent_of, learn
from agents.escalation.messages import on_message
from agents.escalation.moments import LATEST_MS, to_ms
from agents.escalation.signals import Situation
from agents.escalation.state import ConversationState, Episode, Head
from agents.escalation.timing import on_tick
from agents.escalation.work import Work
from streams.contracts.conversation_events import (
    OUTCOMES,
    AiOutcome,
    AnyEvent,
    ControlChanged,
    Ended,
    Erased,
    HumanRequested,
    Identified,
    Message,
    Rated,
    Tick,
)

__all__ = ["Decision", "Rules", "decide"]


def decide(state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
    """What `event`, read at `source_offset`, leads to. `state` is not changed."""
    if isinstance(event, Tick):
        return on_tick(state, event, source_offset, rules)
    digest = seen.digest(event.event_id)
    if state is not None and source_offset <= state.head.applied_offset:
        return Decision(state, "applied_before")
    if isinstance(event, Erased):
        return Decision(None, "erased")
    if state is not None and seen.contains(state.seen, digest):
        return Decision(state, "duplicate")
    work = _begin(state, event, source_offset, rules)
    episodes.expire(work, work.ms)
    learn(work.head, event)
    verdict = _HANDLERS[type(event)](work, event)
    return _finish(work, digest, verdict)


def _begin(state: ConversationState | None, event: AnyEvent, offset: int, rules: Rules) -> Work:
    ms = min(to_ms(event.occurred_at), LATEST_MS)
    if state is None:
        head = Head(
            tenant=event.tenant,
            conversation_id=event.conversation_id,
            platform=event.platform,
            applied_offset=offset,
            first_event_id=event.event_id,
            latest_ms=ms,
            turns_from=offset,
            seen_from=offset,
        )
        return Work(head, None, event.event_id, ms, offset, rules)
    head = copy(state.head)
    head.applied_offset = offset
    head.latest_ms = max(head.latest_ms, ms)
    if head.open is not None:
        head.open = copy(head.open)
    if head.closed is not None:
        head.closed = copy(head.closed)
    return Work(head, state, event.event_id, ms, offset, rules)


def _finish(work: Work, digest: bytes, verdict: str) -> Decision:
    head = work.head
    kept_ms = episodes.SEEN_WHERE_REPEATED_MS if head.repeats else episodes.SEEN_MS
    longer = seen.added(work.seen, work.offset, digest, work.ms)
    work.seen, oldest = seen.trimmed(longer, head.latest_ms - kept_ms)
    head.seen_from = oldest or head.seen_from
    episodes.set_due(head, work.rules.policy)
    return work.decision(verdict)


def _situation(work: Work, episode: Episode, occasion: Any, **more: Any) -> Situation:
    return Situation(occasion, work.rules.policy, work.head, episode, work.event_id, work.ms, **more)


def _on_request(work: Work, event: HumanRequested) -> str:
    if event.automatic:
        work.brakes.append("automatic")
        return "ignored_automatic"
    episode = episodes.episode_at(work.head, work.ms) or episodes.open_episode(work)
    episode.intent = intent_of(event.intent, episode.intent)
    return conclude(work, episode, measure(_situation(work, episode, "request", word=event.how)))


def _on_verdict(work: Work, event: AiOutcome) -> str:
    if event.automatic:
        work.brakes.append("automatic")
        return "ignored_automatic"
    if event.outcome not in OUTCOMES:
        return "unknown_outcome"
    episode = episodes.episode_judged_at(work.head, work.ms)
    if episode is None:
        if work.head.closed is not None:
            return "after_end"
        episode = episodes.open_episode(work)
    if work.ms >= episode.verdict_ms:
        episode.verdict, episode.verdict_ms = event.outcome, work.ms
    episode.intent = intent_of(event.intent, episode.intent)
    situation = _situation(work, episode, "verdict", word=event.outcome, detail=event.reason)
    return conclude(work, episode, measure(situation))


def _on_identified(work: Work, event: Identified) -> str:
    head = work.head
    if event.merged_conversation_id is not None and event.merged_conversation_id not in head.merged:
        head.merged = (*head.merged, event.merged_conversation_id)[-MAX_MERGED:]
    if head.open is None:
        return "learnt"
    verdict = conclude(work, head.open, measure(_situation(work, head.open, "learnt")))
    return "learnt" if verdict == "not_escalated" else verdict


def _on_control(work: Work, event: ControlChanged) -> str:
    head = work.head
    if event.holder not in {"human", "ai"}:
        return "unknown_holder"
    if work.ms < head.holder_ms:
        return "overtaken"
    verdict = f"{event.holder}_holds"
    if event.holder == "ai" and _gives_back(work):
        episodes.end_episode(work, work.ms, "control")  # while the holder is still the one who gives it back
        verdict = "ended"
    head.holder, head.holder_ms = event.holder, work.ms
    return verdict


def _gives_back(work: Work) -> bool:
    """Whether the AI gets the open episode back, rather than announcing that it begins."""
    head, current = work.head, work.head.open
    if current is None or work.ms < current.opened_ms:
        return False
    return head.holder == "human" or (current.live is not None and work.ms > current.live.ms)


def _on_rated(work: Work, event: Rated) -> str:
    head = work.head
    episode = head.open or head.closed
    if episode is None:
        return "nothing_to_rate"
    episode.rating = event.rating
    verdict = conclude(work, episode, measure(_situation(work, episode, "rated", rating=event.rating)))
    if episode is head.closed and not work.outcomes:
        episodes.tell_outcome(work, episode)
    return "rated" if verdict == "not_escalated" else verdict


def _on_ended(work: Work, event: Ended) -> str:
    head = work.head
    current = head.open
    if current is None or work.ms < current.opened_ms:
        _let_go(head, event.by, work.ms)
        return "nothing_open"
    if current.last_customer_ms is not None and work.ms + episodes.OVERTAKEN_MS < current.last_customer_ms:
        return "overtaken"
    verdict = "ended"
    if current.live is None:
        verdict = conclude(work, current, measure(_situation(work, current, "end", by=event.by)))
    if current.live is not None and event.by != "human":
        return verdict if verdict == "escalated" else "still_escalated"
    episodes.end_episode(work, work.ms, event.by)
    _let_go(head, event.by, work.ms)
    return "ended" if verdict == "not_escalated" else verdict


def _let_go(head: Head, by: str, ms: int) -> None:
    """A session that has ended is in nobody's hands; where only the AI's part ended, a human keeps it."""
    if by != "ai" and ms >= head.holder_ms:
        head.holder, head.holder_ms = "", ms


_HANDLERS: dict[type[Any], Callable[[Work, Any], str]] = {
    Message: on_message,
    HumanRequested: _on_request,
    AiOutcome: _on_verdict,
    Identified: _on_identified,
    ControlChanged: _on_control,
    Rated: _on_rated,
    Ended: _on_ended,
}
