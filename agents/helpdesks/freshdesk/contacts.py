"""Contacts at Freshdesk: found, made, given an address.

Filters of the contact list: https://developers.freshdesk.com/api/#list_all_contacts. A filter that Freshdesk
does not know might be ignored, so every hit is compared with what was asked for.
"""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from agents.helpdesks import identity
from agents.helpdesks.freshdesk.client import FreshdeskClient
from agents.helpdesks.port import HelpdeskUnavailable, Requester
from agents.helpdesks.wire import as_dict, as_id, as_list, as_text, rows, unavailable
from streams.contracts.people import Customer

_CONTACTS = "/api/v2/contacts"


async def find_requester(client: FreshdeskClient, customer: Customer) -> Requester | None:
    """By Freshdesk's own id, else the external id, else the address, else the number; only an exact match counts."""
    own_id = identity.numeric(customer.helpdesk_id)
    if own_id is not None:
        contact = await client.show(f"{_CONTACTS}/{own_id}")
        if contact is not None and _usable(contact):
            return _requester(contact)
    wanted = (
        ("unique_external_id", customer.external_id),
        ("email", identity.email(customer)),
        ("mobile", identity.phone(customer)),
        ("phone", identity.phone(customer)),
    )
    for name, value in wanted:
        if value and (found := await _by(client, name, value)):
            return found
    return None


async def create_requester(client: FreshdeskClient, customer: Customer, *, derived_external_id: str) -> Requester:
    """A contact; without an address it gets an external id, by which a repeat finds it."""
    address = identity.email(customer)
    external_id = customer.external_id or (None if address else derived_external_id)
    if external_id and (found := await _by(client, "unique_external_id", external_id)):
        return found
    told = {"email": address, "unique_external_id": external_id, "mobile": identity.phone(customer)}
    contact = {"name": identity.name(customer)} | {name: value for name, value in told.items() if value}
    response = await client.write("POST", _CONTACTS, contact)
    made = as_dict(response.json())
    if response.ok and as_id(made.get("id")):
        return replace(_requester(made), made=response.status == HTTPStatus.CREATED)
    if response.status == 409 or (response.status == 400 and _duplicate(made)):
        if external_id and (found := await _by(client, "unique_external_id", external_id)):
            return found
        if found := await find_requester(client, customer.model_copy(update={"helpdesk_id": None})):
            return found
        raise HelpdeskUnavailable("contact_refused")
    raise unavailable(response)


async def update_requester_email(client: FreshdeskClient, requester: Requester, email: str) -> bool:
    """Set the address of a contact that has none; one that has another is left alone."""
    number = identity.numeric(requester.id)
    address = identity.email(Customer(email=email))
    if number is None or address is None:
        return False
    contact = await client.show(f"{_CONTACTS}/{number}")
    if contact is None:
        return False
    known = {(as_text(contact.get("email")) or "").lower(), *_others(contact)}
    if address.lower() in known:
        return True
    added = {"other_emails": [*_others(contact), address]} if as_text(contact.get("email")) else {"email": address}
    response = await client.write("PUT", f"{_CONTACTS}/{number}", added)
    if response.ok:
        return True
    if response.status == 409 or (response.status == 400 and _duplicate(as_dict(response.json()))):
        return False
    raise unavailable(response)


async def _by(client: FreshdeskClient, name: str, value: str) -> Requester | None:
    """The contact whose `name` is exactly `value`. A 400 says that this account cannot be asked that way."""
    response = await client.get(_CONTACTS, **{name: value})
    if response.status == 400:
        return None
    found = [item for item in rows(response) if _usable(item) and _same(item.get(name), value, name)]
    return _requester(found[0]) if found else None


def _same(value: Any, wanted: str, name: str) -> bool:
    text = as_text(value) or ""
    if name in {"mobile", "phone"}:
        return (identity.phone(Customer(phone=text)) or "").lstrip("+") == wanted.lstrip("+")
    return text == wanted if name == "unique_external_id" else text.lower() == wanted.lower()


def _usable(contact: Mapping[str, Any]) -> bool:
    return as_id(contact.get("id")) is not None and contact.get("deleted") is not True


def _duplicate(body: Mapping[str, Any]) -> bool:
    codes = {as_dict(item).get("code") for item in as_list(body.get("errors"))}
    return bool(codes & {"duplicate_value", "has_already_been_taken"})


def _others(contact: Mapping[str, Any]) -> list[str]:
    return [value.lower() for value in as_list(contact.get("other_emails")) if isinstance(value, str)]


def _requester(contact: Mapping[str, Any]) -> Requester:
    return Requester(
        id=as_id(contact.get("id")) or "", name=as_text(contact.get("name")), email=as_text(contact.get("email"))
    )
