"""From what was measured to what is done: one escalation per episode and mode, none once a human holds it."""

from hashlib import blake2b

from agents.escalation import episodes
from agents.escalation.asking import Measured
from agents.escalation.commands import open_ticket
from agents.escalation.decision import Measure, Rules
from agents.escalation.state import Episode, Escalated, Head
from agents.escalation.work import Work
from streams.contracts.escalation_commands import Mode
from streams.ids import conversation_key

_HASH_RANGE = 2**64


def conclude(work: Work, episode: Episode, measured: Measured) -> str:
    """Escalate, record, or neither; the verdict says which. An ended episode's outcome is told again if it changed."""
    work.measures += measured.all
    verdict = _judge(work, episode, measured) if measured.fired else "not_escalated"
    if episode is work.head.closed:
        outcome = episodes.outcome_of(episode, human_held=work.head.holder == "human")
        if verdict in {"escalated", "recorded"} or outcome != episode.outcome:
            episodes.tell_outcome(work, episode)
    return verdict


def _judge(work: Work, episode: Episode, measured: Measured) -> str:
    fired = measured.fired
    reason = next((found.signal for rule, found in fired if rule.transfers), None)
    if reason is None:
        return _record(episode, [found.signal for _, found in fired])
    if episode.live is not None:
        return "already_escalated"
    mode = mode_of(work.rules, work.head)
    if mode == "observe" and episode.observed is not None:
        return "already_escalated"
    if episodes.human_held_at(work.head, work.ms):
        return "human_holds"
    _escalate(work, episode, reason, tuple(found for _, found in fired), mode)
    return "escalated"


def mode_of(rules: Rules, head: Head) -> Mode:
    """Live only where the tenant is and the conversation is in its share, which is the same at every look."""
    if rules.mode != "live" or rules.share >= 1:
        return rules.mode
    key = conversation_key(head.tenant, head.conversation_id).encode()
    place = int.from_bytes(blake2b(key, digest_size=8, person=b"share").digest()) / _HASH_RANGE
    return "live" if place < rules.share else "observe"


def _record(episode: Episode, reasons: list[str]) -> str:
    news = tuple(reason for reason in reasons if reason not in episode.recorded)
    episode.recorded = (*episode.recorded, *news)
    return "recorded" if news else "not_escalated"


def _escalate(work: Work, episode: Episode, reason: str, fired: tuple[Measure, ...], mode: Mode) -> None:
    mark = Escalated(work.ms, work.offset, reason, work.rules.sha256)
    if mode == "observe":
        episode.observed = mark
    else:
        episode.live = mark
        if episode is work.head.closed:
            _revive(work.head, episode)
    work.commands.append(open_ticket(work, episode, reason, fired, mode))


def _revive(head: Head, episode: Episode) -> None:
    """Take back the end of an episode that escalates after it: had the news come in order, it would not have ended."""
    if head.open is None and episode.ended_by != "human":
        episode.ended_ms, episode.ended_by = None, ""
        head.open, head.closed = episode, None
