"""The signals: each measures one thing about an episode and says whether it is enough.

A rule of the policy asks one signal. What fell short is measured as well, for `decide --all` and `explain`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from agents.escalation import episodes, window
from agents.escalation.decision import Measure
from agents.escalation.hearing import Heard
from agents.escalation.learning import language_of
from agents.escalation.moments import MINUTE_MS
from agents.escalation.state import ACCEPTS, AI, CONTENTED, CUSTOMER, OFFERED, Episode, Head, Mark
from agents.policy.compiled import LIST, CompiledPolicy, CompiledRule, Occasion
from agents.policy.model import (
    HumanRequest,
    LowConfidence,
    Own,
    PlatformVerdict,
    Repetition,
    Silence,
    TooManyTurns,
    TriggerPhrase,
    Unresolved,
)
from agents.policy.nodes import as_duration
from agents.policy.topics import Named, Subject, has_all_values, has_any_tag, is_under_any, subject

MAX_SPAN_CHARS = 160
MAX_DETAIL_CHARS = 200
_UNHEARD = Heard("")


@dataclass(slots=True)
class Situation:
    """What a signal may look at. `mark` is the turn at hand, `word` the event's own word: a verdict, a reason."""

    occasion: Occasion
    policy: CompiledPolicy
    head: Head
    episode: Episode
    event_id: str
    ms: int
    mark: Mark | None = None
    heard: Heard = _UNHEARD
    word: str | None = None
    detail: str | None = None
    by: str = ""
    rating: int | None = None


def subject_of(policy: CompiledPolicy, head: Head, episode: Episode) -> Subject:
    """What the episode is about."""
    return subject(
        policy.topics,
        intent=episode.intent,
        attributes=head.attributes,
        tags=head.tags,
        named=[Named(*hit) for hit in _hits(episode)],
    )


def _hits(episode: Episode) -> list[tuple[str, int, str, str]]:
    return [(hit.topic, hit.count, hit.event_id, hit.span) for hit in episode.topics]


def _human_request(rule: CompiledRule, params: HumanRequest, at: Situation) -> Measure | None:
    if at.occasion == "request":
        return Measure(rule.reason, fired=True, value=at.word, event_ids=(at.event_id,), detail="said by the platform")
    if at.occasion == "ai":
        return _late_offer(rule, at) if params.in_text else None
    if at.heard.request is not None and params.in_text:
        span, how = at.heard.request
        return Measure(rule.reason, True, how, event_ids=(at.event_id,), span=span[:MAX_SPAN_CHARS])
    for name in params.phrases:
        match = at.heard.matches.get(LIST + name)
        if match is not None:
            return Measure(rule.reason, True, name, event_ids=(at.event_id,), span=match.span[:MAX_SPAN_CHARS])
    if params.in_text and at.mark is not None and at.mark.flags & ACCEPTS:
        offer, _ = window.neighbours(at.episode.marks, at.mark)
        if offer is not None and offer.author == AI and offer.flags & OFFERED:
            ids = (offer.event_id, at.event_id)
            return Measure(rule.reason, True, "accepted", event_ids=ids, span=at.heard.text.strip()[:MAX_SPAN_CHARS])
    return nothing(rule.reason)


def _late_offer(rule: CompiledRule, at: Situation) -> Measure | None:
    """The offer of a person that comes after the yes to it."""
    if at.mark is None or not at.mark.flags & OFFERED:
        return None
    _, answer = window.neighbours(at.episode.marks, at.mark)
    if answer is None or answer.author != CUSTOMER or not answer.flags & ACCEPTS:
        return None
    return Measure(rule.reason, True, "accepted", event_ids=(at.event_id, answer.event_id))


def _platform_verdict(rule: CompiledRule, _params: PlatformVerdict, at: Situation) -> Measure | None:
    return Measure(rule.reason, at.word == "escalated", at.word, "escalated", (at.event_id,), detail=_cut(at.detail))


def _unresolved(rule: CompiledRule, params: Unresolved, at: Situation) -> Measure | None:
    if at.occasion == "verdict":
        fired = params.on_verdict and at.word == "unresolved"
        return Measure(rule.reason, fired, at.word, "unresolved", (at.event_id,), detail=_cut(at.detail))
    if not params.on_end or at.by in {"human", "customer"}:
        return Measure(rule.reason, False, f"ended by {at.by}", "unresolved")
    verdict = episodes.standing_verdict(at.episode)
    if verdict is not None:
        return Measure(rule.reason, verdict == "unresolved", verdict, "unresolved", (at.event_id,), detail="at the end")
    last = window.last_of(at.episode.marks, CUSTOMER)
    waiting = episodes.unanswered(at.episode) and last is not None
    ids = (last.event_id, at.event_id) if waiting and last is not None else (at.event_id,)
    return Measure(
        rule.reason, waiting, "unanswered" if waiting else "answered", "unresolved", ids, detail="at the end"
    )


def _low_confidence(rule: CompiledRule, params: LowConfidence, at: Situation) -> Measure | None:
    if at.mark is None or at.mark.confidence is None:
        return None
    if at.mark.confidence >= params.confidence_below:  # no streak holds it
        detail = _confidence(f"{at.mark.confidence:g}", params.confidence_below)
        return Measure(rule.reason, False, 0, params.answers, (), None, detail)
    streak = window.low_streak(at.episode.marks, at.mark, params.confidence_below)
    figures = ", ".join(f"{mark.confidence:g}" for mark in streak) or f"{at.mark.confidence:g}"
    return Measure(
        rule.reason,
        len(streak) >= params.answers,
        len(streak),
        params.answers,
        tuple(mark.event_id for mark in streak),
        detail=_confidence(figures, params.confidence_below),
    )


def _confidence(figures: str, below: float) -> str:
    return f"confidence {figures}; low is below {below:g}"


def _too_many_turns(rule: CompiledRule, params: TooManyTurns, at: Situation) -> Measure | None:
    if at.mark is None:
        return None
    marks = at.episode.marks
    asked = turns = window.customer_turns_within(marks, at.mark, params.within_ms)
    newest = window.last_of(marks, CUSTOMER)
    if newest is not None and newest.flags & CONTENTED:  # thanks that overtook what they came after retract nothing
        asked = window.customer_turns_before_thanks(marks, at.mark, params.within_ms)
    if len(turns) < params.turns or len(asked) < params.turns:
        return _turns(rule.reason, len(turns), params.turns, params.within_ms)
    ids = tuple(mark.event_id for mark in asked)
    return _turns(rule.reason, len(asked), params.turns, params.within_ms)._replace(fired=True, event_ids=ids)


@lru_cache(maxsize=1_000)
def _turns(reason: str, turns: int, most: int, within_ms: int) -> Measure:
    return Measure(reason, False, turns, most, (), None, f"within {as_duration(within_ms)}")


def _repetition(rule: CompiledRule, params: Repetition, at: Situation) -> Measure | None:
    times = params.customer_times if at.occasion == "customer" else params.ai_times
    if at.mark is None or times is None:
        return None
    alike = window.most_similar(at.episode.marks, at.mark, params.similarity)
    once = _said(rule.reason, len(alike), times, at.occasion)
    if len(alike) < 2 <= times:
        return once
    ids = tuple(mark.event_id for mark in alike) if len(alike) > 1 else ()
    return once._replace(fired=len(alike) >= times, event_ids=ids)


@lru_cache(maxsize=1_000)
def _said(reason: str, alike: int, times: int, occasion: Occasion) -> Measure:
    return Measure(reason, False, alike, times, (), None, f"the {occasion} says it again")


def _trigger_phrase(rule: CompiledRule, params: TriggerPhrase, at: Situation) -> Measure | None:
    for name in params.phrases:
        match = at.heard.matches.get(LIST + name)
        if match is not None:
            return Measure(rule.reason, True, name, event_ids=(at.event_id,), span=match.span[:MAX_SPAN_CHARS])
    return nothing(rule.reason)


def _silence(rule: CompiledRule, params: Silence, at: Situation) -> Measure | None:
    since = episodes.unresolved_since(at.episode, at.policy, language_of(at.head.locale))
    if since is None:
        return None
    minutes = (at.ms - since) // MINUTE_MS
    ids = tuple(mark.event_id for mark in at.episode.marks if mark.ms == since)
    return Measure(
        rule.reason, at.ms - since >= params.after_ms, minutes, params.after_ms // MINUTE_MS, ids, None, "minutes"
    )


def _own(rule: CompiledRule, params: Own, at: Situation) -> Measure | None:
    missing, value, span = None, None, None
    if params.phrases:
        hit = next(((n, m) for n in params.phrases if (m := at.heard.matches.get(LIST + n)) is not None), None)
        if hit is None:
            return nothing(rule.reason, "phrases")
        value, span = hit[0], hit[1].span[:MAX_SPAN_CHARS]
    if params.topics or params.intents:
        about = subject_of(at.policy, at.head, at.episode)
        if params.topics and about.topic not in params.topics:
            missing = "topics"
        elif params.intents and not (about.intent is not None and is_under_any(about.intent, params.intents)):
            missing = "intents"
        value, span = value or about.topic or about.intent, span or about.span
    if params.tags and not has_any_tag(at.head.tags, params.tags):
        missing = missing or "tags"
    if not has_all_values(at.head.attributes, params.attributes):
        missing = missing or "attributes"
    if params.rating_at_most is not None and (at.rating is None or at.rating > params.rating_at_most):
        missing = missing or "rating_at_most"
    if params.customer_turns is not None and at.episode.customer_turns < params.customer_turns:
        missing = missing or "customer_turns"
    return Measure(
        rule.reason,
        missing is None,
        value if value is not None else at.rating,
        missing,
        (at.event_id,),
        span,
        f"lacks {missing}" if missing else None,
    )


@lru_cache(maxsize=1_000)
def nothing(reason: str, missing: str | None = None) -> Measure:
    """That nothing was found, which is nearly always."""
    return Measure(reason, False, None, missing)


def _cut(text: str | None) -> str | None:
    return text[:MAX_DETAIL_CHARS] if text else None


class Signal(Protocol):
    """Measures what one kind of rule asks; None: there is nothing to be measured."""

    def __call__(self, rule: CompiledRule, params: Any, at: Situation, /) -> Measure | None:
        """`params` are those of `rule` in the conversation's language."""
        ...


SIGNALS: dict[type[Any], Signal] = {
    HumanRequest: _human_request,
    PlatformVerdict: _platform_verdict,
    Unresolved: _unresolved,
    LowConfidence: _low_confidence,
    TooManyTurns: _too_many_turns,
    Repetition: _repetition,
    TriggerPhrase: _trigger_phrase,
    Silence: _silence,
    Own: _own,
}
