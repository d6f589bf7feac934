"""Contacts at Zendesk: found, made, given an address.

Never upserted per ticket: `create_or_update` is limited to five a minute and user, and matching by an address
that a customer typed would let them rename somebody else's contact or take over its external id.
"""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from agents.helpdesks import identity
from agents.helpdesks.port import HelpdeskUnavailable, Requester
from agents.helpdesks.wire import as_dict, as_id, as_text, rows, unavailable
from agents.helpdesks.zendesk.client import ZendeskClient
from agents.outbound import HttpResponse
from streams.contracts.people import Customer

_SEARCH = "/api/v2/users/search"


async def find_requester(client: ZendeskClient, customer: Customer) -> Requester | None:
    """By Zendesk's own id, else the external id, else the address, else the number; only an exact match counts."""
    own_id = identity.numeric(customer.helpdesk_id)
    if own_id is not None:
        user = await client.show(f"/api/v2/users/{own_id}", "user")
        if user is not None and _usable(user):
            return _requester(user)
    if customer.external_id and (found := await _by_external_id(client, customer.external_id)):
        return found
    address, number = identity.email(customer), identity.phone(customer)
    if address and (found := await _searched(client, f'email:"{address}"', "email", address.lower())):
        return found
    return await _searched(client, f'phone:"{number}"', "phone", number.lstrip("+")) if number else None


async def create_requester(client: ZendeskClient, customer: Customer, *, derived_external_id: str) -> Requester:
    """A contact; without an address it gets an external id, by which a repeat finds it.

    A derived external id is nearly always new, and Zendesk keeps them unique (422, "External has already been
    taken"): making the contact comes first there, and looking only where that is refused.
    """
    address = identity.email(customer)
    external_id = customer.external_id or (None if address else derived_external_id)
    if customer.external_id and (found := await _by_external_id(client, customer.external_id)):
        return found
    user: dict[str, Any] = {"name": identity.name(customer), "role": "end-user", "skip_verify_email": True}
    told = {"email": address, "external_id": external_id, "phone": identity.phone(customer)}
    user |= {name: value for name, value in told.items() if value}
    response = await client.write("POST", "/api/v2/users", {"user": user})
    made = as_dict(as_dict(response.json()).get("user"))
    if response.ok and as_id(made.get("id")):
        return replace(_requester(made), made=response.status == HTTPStatus.CREATED)
    if response.status == 422:
        return await _already_there(client, customer, external_id)
    raise unavailable(response)


async def update_requester_email(client: ZendeskClient, requester: Requester, email: str) -> bool:
    """Add the address as an identity. `PUT /users/{id}` would add another one at each repeat."""
    number = identity.numeric(requester.id)
    address = identity.email(Customer(email=email))
    if number is None or address is None:
        return False
    path = f"/api/v2/users/{number}/identities"
    known = await client.list(path, "identities")
    if any(_same_address(item, address) for item in known):
        return True
    body = {"identity": {"type": "email", "value": address, "skip_verify_email": True}}
    response = await client.write("POST", path, body)
    if response.ok:
        return True
    if response.status in {409, 422}:
        return False
    raise unavailable(response)


async def _already_there(client: ZendeskClient, customer: Customer, external_id: str | None) -> Requester:
    """The contact that stood in the way of a new one; the search index may not know it yet."""
    if external_id and (found := await _by_external_id(client, external_id)):
        return found
    if found := await find_requester(client, customer.model_copy(update={"helpdesk_id": None})):
        return found
    raise HelpdeskUnavailable("contact_refused")


async def _by_external_id(client: ZendeskClient, external_id: str) -> Requester | None:
    response = await client.get(_SEARCH, external_id=external_id)
    return _first(response, "external_id", external_id.lower())


async def _searched(client: ZendeskClient, query: str, field: str, wanted: str) -> Requester | None:
    return _first(await client.get(_SEARCH, query=query), field, wanted)


def _first(response: HttpResponse, field: str, wanted: str) -> Requester | None:
    """The first user that can be used and whose `field` is exactly what was asked for: search is fuzzy."""
    found = [user for user in rows(response, "users") if _usable(user) and _normal(user.get(field), field) == wanted]
    return _requester(found[0]) if found else None


def _normal(value: Any, field: str) -> str:
    text = as_text(value) or ""
    if field == "phone":
        return (identity.phone(Customer(phone=text)) or "").lstrip("+")
    return text.lower()


def _usable(user: Mapping[str, Any]) -> bool:
    return as_id(user.get("id")) is not None and user.get("active") is not False and user.get("suspended") is not True


def _requester(user: Mapping[str, Any]) -> Requester:
    return Requester(
        id=as_id(user.get("id")) or "",
        name=as_text(user.get("name")),
        email=as_text(user.get("email")),
        end_user=user.get("role") in {None, "end-user"},
    )


def _same_address(item: Mapping[str, Any], address: str) -> bool:
    return item.get("type") == "email" and (as_text(item.get("value")) or "").lower() == address.lower()
