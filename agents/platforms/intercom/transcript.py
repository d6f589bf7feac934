"""A conversation as Intercom's own record shows it: what a ticket quotes, and where an echo is looked for."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.intercom.conversation import customer_of
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.intercom.parts import Part, parts_of, source_of
from agents.platforms.port import Connection, Notice, Transcript
from streams.contracts.people import Customer, Turn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def transcript_of(
    conversation: Mapping[str, Any],
    connection: Connection,
    options: IntercomOptions,
    own: Collection[str],
    *,
    max_turns: int,
) -> Transcript:
    """The newest `max_turns` visible turns, oldest first: the source, then the parts.

    The API returns the newest 500 parts at most; `total_count` tells whether there were more.
    """
    cleaning = Cleaning.of(connection)
    speakers = speakers_of(conversation)
    turns = [_turn(part, cleaning, own) for part in speakers if part.visible or _offers(part)]
    total = reading.integer(conversation, "conversation_parts", "total_count") or 0
    listed = len(reading.objects(conversation, "conversation_parts", "conversation_parts"))
    return Transcript(
        turns=tuple(turns[-max_turns:]) if max_turns > 0 else (),
        truncated=len(turns) > max_turns or total > listed,
        customer=customer_of(conversation, speakers, cleaning),
        human_holds=human_holds(conversation, {*own, *options.ai_assignee_ids}),
        closed=reading.name(conversation, "state") == "closed",
    )


def speakers_of(conversation: Mapping[str, Any]) -> list[Part]:
    """The source and the parts, in their order."""
    source = source_of(conversation, reading.identifier(conversation, "id") or "", _EPOCH)
    return [*([source] if source else []), *parts_of(conversation, source.at if source else _EPOCH)]


def own_ids(connection: Connection, options: IntercomOptions) -> set[str]:
    """The ids we write under."""
    return {*connection.own_ids, *([options.admin_id] if options.admin_id else [])}


def human_holds(conversation: Mapping[str, Any], not_human: Collection[str]) -> bool:
    """A teammate or a team is assigned, and it is neither us nor one that stands for the AI."""
    for key in ("admin_assignee_id", "team_assignee_id"):
        assignee = reading.reference(conversation, key)
        if assignee is not None and assignee != "0" and assignee not in not_human:
            return True
    return False


def has_notice(conversation: Mapping[str, Any], notice: Notice, own: Collection[str]) -> bool:
    """Whether we said this already: the same words, in a visible part under one of our own ids.

    A part of Intercom carries no metadata of ours and comments in its HTML are stripped, so its author and
    its words are the marker. They are compared by letters and digits alone, since Intercom rewrites the rest.
    """
    wanted = _letters(notice.text)
    ours = (part for part in speakers_of(conversation) if part.visible and _is_ours(part, own))
    return bool(wanted) and any(wanted in said for part in ours for said in _readings(part.body or ""))


def _readings(body: str) -> tuple[str, str]:
    """As it stands, and as the HTML it may be."""
    return _letters(body), _letters(Cleaning().body(body).text)


def _is_ours(part: Part, own: Collection[str]) -> bool:
    return not part.speaker.is_customer and (part.speaker.id in own or part.app_code in own)


def with_contact(customer: Customer, contact: Mapping[str, Any]) -> Customer:
    """`customer` with what `GET /contacts/{id}` knows beside it."""
    email = customer.email or reading.email(contact, "email")
    external_id = customer.external_id or reading.reference(contact, "external_id")
    return customer.model_copy(
        update={
            "name": customer.name or reading.name(contact, "name"),
            "email": email,
            "phone": customer.phone or reading.name(contact, "phone"),
            "external_id": external_id,
            "anonymous": not (email or external_id),
        }
    )


def _turn(part: Part, cleaning: Cleaning, own: Collection[str]) -> Turn:
    shown = part.body or " ".join(f"[{label}]" for label in part.buttons)
    return Turn(
        event_id=part.id,
        occurred_at=part.at,
        author="system" if _is_ours(part, own) else part.author,
        text=cleaning.body(shown).text,
        author_name=cleaning.line(part.speaker.name),
        attachments=part.attachments,
    )


def _offers(part: Part) -> bool:
    """Buttons are what the customer saw too, though no words of Fin's."""
    return bool(part.buttons) and not part.internal and not part.redacted


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
