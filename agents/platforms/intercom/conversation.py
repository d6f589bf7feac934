"""An Intercom conversation object as everything that is known around a turn."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.framing import Frame
from agents.platforms.intercom.options import APP_HOSTS, IntercomOptions
from agents.platforms.intercom.parts import Part
from agents.platforms.intercom.verdict import is_preview, is_verdict_attribute
from agents.platforms.port import Connection
from streams.contracts.base import Scalar
from streams.contracts.people import Customer, Route

MAX_TAGS = 50
_CHANNELS = {"conversation": "web", "messenger": "web", "phone_call": "phone", "phone_switch": "phone"}


def frame_of(
    conversation: Mapping[str, Any],
    conversation_id: str,
    app_id: str | None,
    connection: Connection,
    options: IntercomOptions,
    speakers: list[Part],
) -> Frame:
    """What all events of this conversation share. `speakers`: the source and the parts the body has."""
    cleaning = Cleaning.of(connection)
    customer = customer_of(conversation, speakers, cleaning)
    mail = _mail(speakers)
    return Frame(
        tenant=connection.tenant,
        platform=connection.platform,
        conversation_id=conversation_id,
        channel=channel_of(conversation),
        customer=customer,
        attributes=cleaning.attributes(_attributes(conversation)),
        tags=_tags(conversation, cleaning),
        route=Route(
            app_id=app_id or options.app_id,
            user_id=customer.id,
            conversation_url=_link(conversation_id, app_id or options.app_id, options),
            email_subject=cleaning.line(_subject(conversation, mail), None),
            email_message_id=reading.reference(mail, "message_id"),
        ),
        test=is_preview(conversation),
    )


def channel_of(conversation: Mapping[str, Any]) -> str | None:
    """Where the customer writes. From 2.16 on `channel` says it; before, the type of the first message does."""
    told = reading.name(conversation, "channel", "current") or reading.name(conversation, "channel", "initial")
    told = told or reading.name(conversation, "source", "type")
    return _CHANNELS.get(told, told) if told else None


def customer_of(conversation: Mapping[str, Any], speakers: list[Part], cleaning: Cleaning) -> Customer:
    """The customer: ids from the contact list, name and e-mail from what they wrote under that id.

    The list carries neither name nor e-mail. A visitor's external id is made up by the Messenger.
    """
    listed = reading.objects(conversation, "contacts", "contacts") or reading.objects(conversation, "contacts")
    listed = listed or ([found] if (found := reading.object_(conversation, "user")) else [])
    writers = [part.speaker for part in speakers if part.speaker.is_customer]
    writer = writers[0] if writers else None
    contact = next((one for one in listed if writer and reading.reference(one, "id") == writer.id), None)
    contact = contact if contact is not None else (listed[0] if listed else {})
    contact_id = reading.reference(contact, "id") or (writer.id if writer else None)
    known = next((one for one in reversed(writers) if one.id == contact_id and (one.name or one.email)), None)
    visitor = any(one.type == "visitor" for one in writers)
    external_id = None if visitor else _external_id(contact)
    email = reading.email(contact, "email") or (known.email if known else None)
    return Customer(
        id=contact_id,
        external_id=external_id,
        name=cleaning.line(reading.name(contact, "name") or (known.name if known else None)),
        email=email,
        phone=reading.name(contact, "phone"),
        anonymous=not (email or external_id),
    )


def _external_id(contact: Mapping[str, Any]) -> str | None:
    return reading.reference(contact, "external_id") or reading.reference(contact, "user_id")


def _attributes(conversation: Mapping[str, Any]) -> dict[str, Scalar]:
    custom = reading.scalars(reading.object_(conversation, "custom_attributes"))
    kept = {key: value for key, value in custom.items() if not is_verdict_attribute(key)}
    company = reading.object_(conversation, "company")
    own = {
        "title": reading.name(conversation, "title"),
        "subject": reading.name(conversation, "source", "subject"),
        "company": reading.name(company, "name"),
        "page_url": _page(reading.url(conversation, "source", "url")),
        "priority": _priority(reading.name(conversation, "priority")),
    }
    for reference in reading.objects(conversation, "external_references"):
        if kind := reading.name(reference, "type"):  # such as zendesk_ticket, for Fin over Zendesk
            own[kind] = reading.reference(reference, "id")
    return {**{key: value for key, value in own.items() if value}, **kept}


def _priority(value: str | None) -> str | None:
    return None if value in {None, "none", "not_priority"} else value


def _page(address: str | None) -> str | None:
    """The page the customer wrote from, without query and fragment: those may carry their session."""
    if address is None:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _tags(conversation: Mapping[str, Any], cleaning: Cleaning) -> tuple[str, ...]:
    parts = reading.objects(conversation, "conversation_parts", "conversation_parts")
    lists = [
        reading.objects(conversation, "tags", "tags"),
        reading.objects(conversation, "tags_added", "tags"),
        reading.objects(conversation, "topics", "topics"),
        *(reading.objects(part, "tags") for part in parts),
    ]
    names = [cleaning.line(reading.name(tag, "name")) for tags in lists for tag in tags]
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_TAGS]


def _mail(speakers: list[Part]) -> Mapping[str, Any]:
    """The customer's newest mail."""
    mails = (part.email for part in reversed(speakers) if part.speaker.is_customer and part.email)
    return next(mails, {})


def _subject(conversation: Mapping[str, Any], mail: Mapping[str, Any]) -> str | None:
    subject = reading.text(mail, "subject")
    if subject is None and channel_of(conversation) == "email":
        subject = reading.text(conversation, "source", "subject")
    return subject


def _link(conversation_id: str, app_id: str | None, options: IntercomOptions) -> str | None:
    """For a teammate; the form the vendor's own notifications use (procedure.hitl_notification.created)."""
    if app_id is None:
        return None
    host = APP_HOSTS[options.region]
    return f"{host}/a/inbox/{quote(app_id, safe='')}/inbox/shared/all/conversation/{quote(conversation_id, safe='')}"
