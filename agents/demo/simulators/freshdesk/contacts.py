"""Contacts: at least one of name, e-mail, phone, mobile; addresses and external ids are unique."""

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.desks import Desk
from agents.demo.simulators.formats import iso_seconds
from agents.demo.simulators.freshdesk import errors
from agents.demo.simulators.freshdesk.bodies import body_object
from agents.demo.simulators.freshdesk.paging import paged, searched
from agents.demo.simulators.store import Json

_FIRST_CONTACT_ID = 43_012_000_001
_FIELDS = {
    *("name", "email", "phone", "mobile", "twitter_id", "unique_external_id", "other_emails", "company_id"),
    *("view_all_tickets", "other_companies", "address", "avatar", "custom_fields", "description", "job_title"),
    *("language", "tags", "time_zone", "lookup_parameter"),
}
_FILTERS = ("email", "mobile", "phone", "unique_external_id", "company_id")


def desk_of(call: Call) -> Desk:
    """The account's records."""
    return Desk(call.store, "freshdesk", call.account)


def create_contact(call: Call) -> Reply:
    """`POST /contacts`: 201, bare."""
    given = _checked(call)
    if not any(given.get(name) for name in ("name", "email", "phone", "mobile")):
        raise errors.validation(
            errors.problem("name", "Please fill at least 1 of name, email, phone, mobile fields", "missing_field")
        )
    contact = add_contact(call, given)
    location = f"{call.base_url}/api/v2/contacts/{contact['id']}"
    return Reply(201, contact, {"Location": location}, target=f"contact/{contact['id']}", id_paths=(("id",),))


def add_contact(call: Call, given: Json) -> Json:
    """Keep a new contact; 409 where an address is taken."""
    desk = desk_of(call)
    _refuse_taken(desk, given, None)
    now = iso_seconds(call.at)
    contact = {
        "active": False,
        "address": None,
        "company_id": None,
        "description": None,
        "email": given.get("email"),
        "id": desk.next_id("users", _FIRST_CONTACT_ID),
        "job_title": None,
        "language": "en",
        "mobile": given.get("mobile"),
        "name": given.get("name") or given.get("email"),
        "phone": given.get("phone"),
        "time_zone": "UTC",
        "twitter_id": None,
        "unique_external_id": given.get("unique_external_id"),
        "other_emails": [],
        "other_companies": [],
        "view_all_tickets": None,
        "custom_fields": given.get("custom_fields") or {},
        "tags": given.get("tags") or [],
        "avatar": None,
        "created_at": now,
        "updated_at": now,
    }
    desk.add_user(contact, call.at, role="contact")
    return contact


def update_contact(call: Call) -> Reply:
    """`PUT /contacts/{id}`."""
    contact, given, desk = _found(call), _checked(call), desk_of(call)
    _refuse_taken(desk, given, contact["id"])
    if given.get("email") and not contact["email"]:
        desk.add_identity(contact["id"], "email", given["email"], call.at, primary=True)
    contact |= {name: value for name, value in given.items() if name in contact}
    contact["updated_at"] = iso_seconds(call.at)
    desk.save_user(contact, call.at)
    return Reply(200, contact, target=f"contact/{contact['id']}", id_paths=(("id",),))


def show_contact(call: Call) -> Reply:
    """`GET /contacts/{id}`."""
    return Reply(200, _found(call))


def list_contacts(call: Call) -> Reply:
    """`GET /contacts`, narrowed by e-mail, mobile, phone or unique external id. Immediate, unlike search."""
    contacts = desk_of(call).users()
    for name in _FILTERS:
        if name in call.query:
            wanted = call.query[name].lower()
            contacts = [contact for contact in contacts if str(contact.get(name) or "").lower() == wanted]
    return paged(call, contacts)


def search_contacts(call: Call) -> Reply:
    """`GET /search/contacts?query="…"`, whose index lags by minutes."""
    lag = call.settings.freshdesk.search_lag_seconds
    listed = [c for c in desk_of(call).users() if c["created_at"] <= iso_seconds(call.at - lag)]
    return searched(call, listed)


def _checked(call: Call) -> Json:
    given = body_object(call)
    unknown = sorted(set(given) - _FIELDS)
    if unknown:
        raise errors.validation(
            *(errors.problem(name, "Unexpected/invalid field in request", "invalid_field") for name in unknown)
        )
    email = given.get("email")
    if email is not None and (not isinstance(email, str) or "@" not in email):
        raise errors.validation(
            errors.problem("email", "It should be in the 'valid email address' format", "invalid_value")
        )
    return given


def _refuse_taken(desk: Desk, given: Json, own_id: int | None) -> None:
    email, external_id = given.get("email"), given.get("unique_external_id")
    owners = {
        "email": desk.user_by_email(email) if email else None,
        "unique_external_id": desk.user_by_external_id(external_id) if external_id else None,
    }
    for field, owner in owners.items():
        if owner is not None and owner["id"] != own_id:
            taken = errors.problem(
                field,
                "It should be a unique value",
                "duplicate_value",
                additional_info={"user_id": owner["id"]},
            )
            raise errors.validation(taken, status=409)


def _found(call: Call) -> Json:
    contact = desk_of(call).user(int(call.params["id"]))
    if contact is None:
        raise errors.not_found()
    return contact
