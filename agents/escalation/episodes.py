"""Episodes: which one an event belongs to, how one opens and ends, and when a conversation wants to be woken.

A time-out is due in event time. An event past it lets it happen first, so that nothing depends on when its tick
was written; only silence waits for its tick, which queues behind what the customer has said meanwhile.
"""

from agents.escalation.learning import language_of
from agents.escalation.moments import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, from_ms
from agents.escalation.state import AI, AUTOMATIC, CONTENTED, CUSTOMER, SYSTEM, UNTIMED, Episode, Head, Mark
from agents.escalation.window import inserted, last_of
from agents.escalation.work import Work
from agents.policy.compiled import CompiledPolicy
from agents.policy.model import LowConfidence, Silence
from streams.contracts.conversation_outcomes import EpisodeOutcome
from streams.ids import escalation_id

ESCALATED_FOR_MS = 24 * HOUR_MS
"""An escalated episode ends so long after the customer's last message."""
MARKER_MS = 48 * HOUR_MS
SEEN_MS = 48 * HOUR_MS
SEEN_WHERE_REPEATED_MS = 30 * DAY_MS
VERDICT_AFTER_END_MS = 10 * MINUTE_MS
OVERTAKEN_MS = 2 * SECOND_MS
"""An end this much older than the customer's last message was overtaken by it."""
MAX_EARLY_MARKS = 8


def episode_at(head: Head, ms: int) -> Episode | None:
    """The episode a turn of that time belongs to."""
    closed = head.closed
    if closed is not None and closed.ended_ms is not None and ms <= closed.ended_ms:
        return closed
    return head.open


def episode_judged_at(head: Head, ms: int) -> Episode | None:
    """The episode a verdict of that time is about: one that ended up to ten minutes before, unless a newer began."""
    closed, current = head.closed, head.open
    if closed is not None and closed.ended_ms is not None and (current is None or current.opened_ms > ms):
        return closed if ms <= closed.ended_ms + VERDICT_AFTER_END_MS else current
    return current


def open_episode(work: Work) -> Episode:
    """A new episode, opened by the event at hand; turns that came before any was open are its first."""
    head = work.head
    episode = Episode(id=work.event_id, opened_ms=work.ms, opened_offset=work.offset, last_ms=work.ms)
    for mark in head.before:
        episode.marks = inserted(episode.marks, mark)
        if mark.ms >= work.ms:
            count_turn(episode, mark)
    head.before = ()
    head.open = episode
    return episode


def hear(episode: Episode, mark: Mark) -> None:
    """Put a turn into the episode's window and counts."""
    episode.marks = inserted(episode.marks, mark)
    count_turn(episode, mark)


def count_turn(episode: Episode, mark: Mark) -> None:
    """Count a turn of the episode."""
    ms = mark.ms
    episode.last_ms = max(episode.last_ms, ms)
    episode.opened_ms = min(episode.opened_ms, ms)
    if mark.author == CUSTOMER:
        episode.customer_turns += 1
        episode.last_customer_ms = max(episode.last_customer_ms or ms, ms)
    elif mark.author == AI:
        episode.ai_turns += 1
    elif mark.author != SYSTEM:
        episode.human_turns += 1


def hear_early(head: Head, mark: Mark) -> None:
    """Keep a turn that came while no episode was open."""
    head.before = inserted(head.before, mark)[-MAX_EARLY_MARKS:]


def human_held_at(head: Head, ms: int) -> bool:
    """Whether a human held the conversation before that time."""
    return head.holder == "human" and head.holder_ms < ms


def standing_verdict(episode: Episode) -> str | None:
    """The platform's verdict, unless the customer has gone on since with more than thanks."""
    if episode.verdict is None:
        return None
    last = last_of(episode.marks, CUSTOMER)
    if last is None or last.ms <= episode.verdict_ms or last.flags & CONTENTED:
        return episode.verdict
    return None


def unanswered(episode: Episode) -> bool:
    """Whether the last word is the customer's, and waits for an answer."""
    last = _last_turn(episode)
    return last is not None and last.author == CUSTOMER and not last.flags & CONTENTED


def unresolved_since(episode: Episode, policy: CompiledPolicy, language: str | None) -> int | None:
    """When the turn came that leaves the customer without help; None: there is none, or its time is not known."""
    verdict = standing_verdict(episode) if episode.verdict is not None else None
    if verdict is not None:
        return episode.verdict_ms if verdict == "unresolved" else None
    last = _last_turn(episode)
    if last is None or last.flags & UNTIMED:
        return None
    if last.author == CUSTOMER:
        return None if last.flags & CONTENTED else last.ms
    if last.author == AI and last.confidence is not None:
        return last.ms if last.confidence < _low_confidence(policy, language) else None
    return None


def _last_turn(episode: Episode) -> Mark | None:
    for mark in reversed(episode.marks):
        if mark.author != SYSTEM and not mark.flags & AUTOMATIC:
            return mark
    return None


def _low_confidence(policy: CompiledPolicy, language: str | None) -> float:
    params = policy.low_confidence.params_for(language) if policy.low_confidence is not None else None
    return params.confidence_below if isinstance(params, LowConfidence) else LowConfidence().confidence_below


def end_episode(work: Work, ms: int, by: str) -> None:
    """End the open episode, tell its outcome, and keep it as the closed marker."""
    head = work.head
    episode = head.open
    if episode is None:
        return
    episode.ended_ms = max(ms, episode.opened_ms)
    episode.ended_by = by
    head.open = None
    head.closed = episode
    head.before = ()
    tell_outcome(work, episode)


def tell_outcome(work: Work, episode: Episode) -> None:
    """The outcome record of an ended episode; told again it has a higher revision."""
    head = work.head
    escalated = episode.live or episode.observed
    mode = "live" if episode.live is not None else work.rules.mode if escalated is None else "observe"
    episode.outcome = outcome_of(episode, human_held=head.holder == "human")
    work.outcomes.append(
        EpisodeOutcome(
            tenant=head.tenant,
            conversation_id=head.conversation_id,
            platform=head.platform,
            episode=episode.id,
            outcome=episode.outcome,
            ended_by=episode.ended_by,
            started_at=from_ms(episode.opened_ms),
            ended_at=from_ms(episode.ended_ms if episode.ended_ms is not None else episode.last_ms),
            customer_turns=episode.customer_turns,
            ai_turns=episode.ai_turns,
            human_turns=episode.human_turns,
            escalation_id=escalation_id(head.tenant, head.conversation_id, episode.id) if escalated else None,
            reason=escalated.reason if escalated else None,
            mode=mode,
            policy=escalated.policy if escalated else work.rules.sha256,
            intent=episode.intent,
            rating=episode.rating,
            channel=head.channel,
            locale=head.locale,
            test=head.test,
            recorded=episode.recorded,
            revision=episode.revision,
        )
    )
    episode.revision += 1


def outcome_of(episode: Episode, *, human_held: bool) -> str:
    """How it ended. An observed escalation changes nothing: what happened without it is what is told."""
    if episode.live is not None:
        return "escalated"
    verdict = standing_verdict(episode)
    if verdict is not None:
        return verdict
    if human_held or episode.human_turns:
        return "escalated"
    if episode.ended_by == "idle":
        return "abandoned"
    if unanswered(episode):
        return "abandoned" if episode.ended_by == "customer" else "unresolved"
    return "assumed_resolved" if episode.ai_turns else "abandoned"


def end_due_ms(episode: Episode, policy: CompiledPolicy) -> int:
    """When the open episode ends if nothing more is heard."""
    if episode.live is not None:
        return max(episode.last_customer_ms or 0, episode.live.ms) + ESCALATED_FOR_MS
    return episode.last_ms + policy.idle_ms


def silence_due_ms(head: Head, policy: CompiledPolicy) -> int | None:
    """When the silence after an unresolved turn has lasted long enough; None: it cannot come to that."""
    episode, rule = head.open, policy.silence
    if episode is None or episode.live is not None or rule is None or head.holder == "human":
        return None
    language = language_of(head.locale)
    since = unresolved_since(episode, policy, language)
    if since is None or since == episode.silence_ms:
        return None
    params = rule.params_for(language)
    if not isinstance(params, Silence):
        return None
    return since + params.after_ms if rule.holds_on(head.channel) else None


def marker_due_ms(episode: Episode) -> int:
    """When the closed marker goes."""
    return (episode.ended_ms if episode.ended_ms is not None else episode.last_ms) + MARKER_MS


def forget_due_ms(head: Head, policy: CompiledPolicy) -> int:
    """When all that is left, without any episode, goes."""
    if head.repeats:
        return head.latest_ms + SEEN_WHERE_REPEATED_MS
    return head.latest_ms + (MARKER_MS if head.holder == "human" else policy.idle_ms)


def set_due(head: Head, policy: CompiledPolicy) -> None:
    """Put the earliest of all due times into the head, and whom it concerns."""
    current, closed = head.open, head.closed
    if current is not None:
        head.due_episode = current.id
        due_ms = end_due_ms(current, policy)
        silence = silence_due_ms(head, policy) if current.live is None else None
        if silence is not None and silence < due_ms:
            due_ms = silence
        head.due_ms = due_ms if closed is None else min(due_ms, marker_due_ms(closed))
    elif closed is not None:
        head.due_episode, head.due_ms = closed.id, marker_due_ms(closed)
    else:
        head.due_episode, head.due_ms = head.first_event_id, forget_due_ms(head, policy)


def expire(work: Work, before_ms: int) -> None:
    """Let happen what was due before that time: the end of the open episode, the end of a marker."""
    head, policy = work.head, work.rules.policy
    if head.open is not None and (due := end_due_ms(head.open, policy)) < before_ms:
        end_episode(work, due, "idle")
    if head.closed is not None and marker_due_ms(head.closed) < before_ms:
        drop_marker(work)
    if head.open is None and head.closed is None and forget_due_ms(head, policy) < before_ms:
        head.before = ()
        head.holder = ""
        drop_turns(work)


def drop_marker(work: Work) -> None:
    """Forget the ended episode, and its turns unless another episode is under way."""
    work.head.closed = None
    if work.head.open is None:
        drop_turns(work)


def drop_turns(work: Work) -> None:
    """Forget all turns."""
    if work.turns:
        work.head.turns_from = work.turns[-1].offset + 1
        work.turns = ()
    work.head.turns_trimmed = 0
    work.head.turn_bytes = 0
