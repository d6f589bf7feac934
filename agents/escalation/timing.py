"""What passing time leads to. A tick counts only if the episode and the due time are still the ones it names."""

from copy import copy

from agents.escalation import episodes
from agents.escalation.asking import measure
from agents.escalation.decision import Decision, Rules
from agents.escalation.judging import conclude
from agents.escalation.learning import language_of
from agents.escalation.moments import to_ms
from agents.escalation.signals import Situation
from agents.escalation.state import ConversationState
from agents.escalation.work import Work
from streams.contracts.conversation_events import Tick


def on_tick(state: ConversationState | None, tick: Tick, source_offset: int, rules: Rules) -> Decision:
    """Let happen what is due at the tick's time."""
    ms = to_ms(tick.due_at)
    if state is None or state.head.due_ms != ms or state.head.due_episode != tick.episode:
        return Decision(state, "stale_tick")
    if source_offset <= state.head.applied_offset:
        return Decision(state, "applied_before")
    head = copy(state.head)
    head.applied_offset = source_offset
    head.open, head.closed = copy(head.open), copy(head.closed)
    work = Work(head, state, tick.event_id, ms, source_offset, rules)
    forget_ms = episodes.forget_due_ms(state.head, rules.policy)
    verdict = _pass_time(work)
    if head.open is None and head.closed is None and (forget_ms <= ms or not head.repeats):
        return work.decision("forgotten", keep=False)
    episodes.set_due(head, rules.policy)
    return work.decision(verdict)


def _pass_time(work: Work) -> str:
    head, policy, ms = work.head, work.rules.policy, work.ms
    verdict = "expired"
    silence = episodes.silence_due_ms(head, policy)
    if silence is not None and silence <= ms:
        verdict = _silence(work)
    if head.open is not None and episodes.end_due_ms(head.open, policy) <= ms:
        episodes.end_episode(work, ms, "idle")
        verdict = "ended"
    if head.closed is not None and episodes.marker_due_ms(head.closed) <= ms:
        episodes.drop_marker(work)
    return verdict


def _silence(work: Work) -> str:
    head, policy = work.head, work.rules.policy
    episode = head.open
    if episode is None:
        return "expired"
    since = episodes.unresolved_since(episode, policy, language_of(head.locale))
    situation = Situation("silence", policy, head, episode, work.event_id, work.ms)
    verdict = conclude(work, episode, measure(situation))
    episode.silence_ms = since
    return verdict
