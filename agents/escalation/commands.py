"""The commands a decision gives, with all that carrying them out needs."""

from agents.escalation.decision import Measure
from agents.escalation.learning import customer_of
from agents.escalation.moments import from_ms
from agents.escalation.signals import subject_of
from agents.escalation.state import AUTHORS, AUTOMATIC, UNTIMED, Episode, StoredTurn
from agents.escalation.work import Work
from agents.policy.routing import Facts, choose
from streams.contracts.escalation_commands import AppendToTicket, Mode, OpenTicket
from streams.contracts.people import Attachment, Route, Turn
from streams.ids import action_id, escalation_id

MAX_ATTACHMENTS = 50


def open_ticket(work: Work, episode: Episode, reason: str, fired: tuple[Measure, ...], mode: Mode) -> OpenTicket:
    """The command to open the one ticket of `episode`."""
    head, policy = work.head, work.rules.policy
    about = subject_of(policy, head, episode)
    escalation = escalation_id(head.tenant, head.conversation_id, episode.id)
    facts = Facts(reason, about.intent, about.topic, head.locale, head.channel, head.tags, head.attributes)
    if about.topic is not None:
        ids = (about.event_id,) if about.event_id is not None else ()
        fired = (*fired, Measure("intent", False, about.topic, None, ids, about.span, f"known by {about.source}"))
    turns = tuple(turn_of(turn) for turn in sorted(work.turns, key=lambda turn: (turn.ms, turn.offset)))
    return OpenTicket(
        tenant=head.tenant,
        conversation_id=head.conversation_id,
        platform=head.platform,
        escalation_id=escalation,
        action_id=action_id(escalation, "open"),
        episode=episode.id,
        mode=mode,
        decided_at=from_ms(work.ms),
        channel=head.channel,
        locale=head.locale,
        customer=customer_of(head.customer),
        route=Route.model_validate(head.route),
        test=head.test,
        reason=reason,
        evidence=tuple(measure.evidence() for measure in fired),
        policy=work.rules.sha256,
        routing=choose(policy.routes, facts),
        intent=about.intent,
        intent_source=about.source,
        attributes=head.attributes | ({"merged_conversations": ", ".join(head.merged)} if head.merged else {}),
        tags=head.tags,
        turns=turns,
        turns_omitted=head.turns_trimmed,
        attachments=_attachments(turns),
        opened_at=from_ms(episode.opened_ms),
    )


def append_to_ticket(work: Work, episode: Episode, turn: StoredTurn) -> AppendToTicket:
    """The command to add what the customer wrote after the escalation."""
    head = work.head
    escalation = escalation_id(head.tenant, head.conversation_id, episode.id)
    return AppendToTicket(
        tenant=head.tenant,
        conversation_id=head.conversation_id,
        platform=head.platform,
        escalation_id=escalation,
        action_id=action_id(escalation, f"append:{turn.event_id}"),
        episode=episode.id,
        mode=work.rules.mode,
        decided_at=from_ms(work.ms),
        channel=head.channel,
        locale=head.locale,
        customer=customer_of(head.customer),
        route=Route.model_validate(head.route),
        test=head.test,
        turn=turn_of(turn),
    )


def turn_of(turn: StoredTurn) -> Turn:
    """The contract's form."""
    return Turn.model_validate(
        {
            "event_id": turn.event_id,
            "occurred_at": from_ms(turn.ms),
            "author": AUTHORS[turn.author],
            "text": turn.text,
            "author_name": turn.author_name,
            "untimed": bool(turn.flags & UNTIMED),
            "automatic": bool(turn.flags & AUTOMATIC),
            "confidence": turn.confidence,
            "attachments": tuple(
                Attachment(
                    url=file.url,
                    name=file.name,
                    media_type=file.media_type,
                    size_bytes=file.size_bytes,
                    private=file.private,
                )
                for file in turn.attachments
            ),
        }
    )


def _attachments(turns: tuple[Turn, ...]) -> tuple[Attachment, ...]:
    found = {file.url: file for turn in turns for file in turn.attachments}
    return tuple(found.values())[-MAX_ATTACHMENTS:]
