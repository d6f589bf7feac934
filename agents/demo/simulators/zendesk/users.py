"""Users and their identities.

Sources: the official OpenAPI ("Users", "User identities"); developer.zendesk.com, "Creating a user profile in
Support for a caller" (a user without e-mail). A `PUT` with an e-mail adds a secondary address each time.
"""

from agents.demo.simulators.calls import Call, Reply, object_of
from agents.demo.simulators.desks import Desk, recent_changes
from agents.demo.simulators.formats import iso_seconds
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import errors, records
from agents.demo.simulators.zendesk.paging import paged

_FIRST_USER_ID = 390_000_000_001
_LIMITED = ("zendesk.create_or_update_user", "zendesk.update_user")
_CHANGEABLE = ("name", "phone", "locale", "details", "notes", "alias", "user_fields", "tags", "verified")


def desk_of(call: Call) -> Desk:
    """The account's records."""
    return Desk(call.store, "zendesk", call.account)


def add_end_user(
    call: Call, name: str, *, email: str | None = None, external_id: str | None = None, phone: str | None = None
) -> Json:
    """Create an end user; refuses an address or external id that is taken."""
    desk = desk_of(call)
    if email and desk.user_by_email(email) is not None:
        raise errors.invalid("email", f"Email: {email} is already being used by another user", "DuplicateValue")
    if external_id and desk.user_by_external_id(external_id) is not None:
        raise errors.invalid("external_id", "External has already been taken", "DuplicateValue")
    user_id = desk.next_id("users", _FIRST_USER_ID)
    user = records.new_user(call, user_id, name, email=email, external_id=external_id, phone=phone)
    desk.add_user(user, call.at, role="end-user")
    return user


def create_user(call: Call) -> Reply:
    """`POST /api/v2/users`: a name is all that is needed."""
    given = _user_object(call)
    user = add_end_user(
        call,
        _name(given),
        email=_text(given, "email"),
        external_id=_text(given, "external_id"),
        phone=_text(given, "phone"),
    )
    user = _with_changes(call, user, given)
    return Reply(
        201, {"user": user}, {"Location": user["url"]}, target=f"user/{user['id']}", id_paths=(("user", "id"),)
    )


def create_or_update_user(call: Call) -> Reply:
    """`POST /api/v2/users/create_or_update`: found by external id or e-mail, else created."""
    given, desk = _user_object(call), desk_of(call)
    email, external_id = _text(given, "email"), _text(given, "external_id")
    known = (desk.user_by_external_id(external_id) if external_id else None) or (
        desk.user_by_email(email) if email else None
    )
    if known is None:
        return create_user(call)
    target = f"user/{known['id']}"
    _check_limit(call, target)
    user = _with_changes(call, known, given)
    return Reply(200, {"user": user}, {"Location": user["url"]}, target=target, id_paths=(("user", "id"),))


def update_user(call: Call) -> Reply:
    """`PUT /api/v2/users/{id}`."""
    known, given = _found(call), _user_object(call)
    _check_limit(call, f"user/{known['id']}")
    return Reply(200, {"user": _with_changes(call, known, given)}, target=f"user/{known['id']}")


def show_user(call: Call) -> Reply:
    """`GET /api/v2/users/{id}`."""
    return Reply(200, {"user": _found(call)})


def show_me(call: Call) -> Reply:
    """`GET /api/v2/users/me`: the agent our credentials act as."""
    agent = records.new_user(
        call, call.settings.zendesk.agent_id, "Handoff", email="handoff@acme.example", external_id=None, phone=None
    )
    return Reply(200, {"user": agent | {"role": "agent", "verified": True}})


def search_users(call: Call) -> Reply:
    """`GET /api/v2/users/search?external_id=` or `?query=`; by page number only."""
    desk, external_id, query = desk_of(call), call.query.get("external_id"), call.query.get("query")
    if external_id is None and query is None:
        raise errors.bad_request("Invalid attribute", "You passed an invalid value for the query attribute.")
    if external_id is not None:
        found = desk.user_by_external_id(external_id)
        return paged(call, "users", [found] if found else [])
    return paged(call, "users", [user for user in desk.users() if _matches(desk, user, query or "")])


def list_identities(call: Call) -> Reply:
    """`GET /api/v2/users/{id}/identities`."""
    user = _found(call)
    rows = desk_of(call).identities(user["id"])
    return paged(call, "identities", [records.identity(call, row) for row in rows])


def add_identity(call: Call) -> Reply:
    """`POST /api/v2/users/{id}/identities`."""
    user, desk = _found(call), desk_of(call)
    given = object_of(_body(call), "identity") or {}
    kind, value = given.get("type"), given.get("value")
    if kind not in {"email", "phone_number", "twitter", "facebook", "google", "agent_forwarding", "foreign", "sdk"}:
        raise errors.invalid("type", "Type: is invalid")
    if not isinstance(value, str) or not value.strip():
        raise errors.invalid("value", "Value: cannot be blank", "BlankValue")
    if kind == "email" and desk.user_by_email(value) is not None:
        raise errors.invalid("value", f"Value: {value} is already being used by another user", "DuplicateValue")
    identity_id = desk.add_identity(user["id"], kind, value, call.at, primary=user["email"] is None and kind == "email")
    if kind == "email" and user["email"] is None:
        desk.save_user(user | {"email": value}, call.at)
    row = next(row for row in desk.identities(user["id"]) if row["id"] == identity_id)
    identity = records.identity(call, row)
    return Reply(201, {"identity": identity}, {"Location": identity["url"]}, target=f"user/{user['id']}")


def _with_changes(call: Call, user: Json, given: Json) -> Json:
    desk = desk_of(call)
    user = user | {name: given[name] for name in _CHANGEABLE if given.get(name) is not None}
    if external_id := _text(given, "external_id"):
        user["external_id"] = external_id
    email = _text(given, "email")
    owner = desk.user_by_email(email) if email else None
    if email and owner is not None and owner["id"] != user["id"]:
        raise errors.invalid("email", f"Email: {email} is already being used by another user", "DuplicateValue")
    if email and owner is None:
        desk.add_identity(user["id"], "email", email, call.at, primary=user["email"] is None)
        user["email"] = user["email"] or email
    user["updated_at"] = iso_seconds(call.at)
    desk.save_user(user, call.at)
    return user


def _matches(desk: Desk, user: Json, query: str) -> bool:
    name, colon, value = query.partition(":")
    wanted = (value if colon else query).strip().strip('"').lower()
    addresses = [row["value"].lower() for row in desk.identities(user["id"])]
    if colon and name == "email":
        return wanted in addresses
    if colon and name == "phone":
        return wanted in [str(user.get("phone") or "").lower(), *addresses]
    if colon and name == "external_id":
        return bool(str(user.get("external_id") or "").lower() == wanted)
    return wanted in addresses or wanted in str(user["name"]).lower().split() or wanted == str(user["name"]).lower()


def _check_limit(call: Call, target: str) -> None:
    made = recent_changes(call.store, call.account, _LIMITED, target, call.at - 60)
    if made >= call.settings.zendesk.user_updates_per_minute:
        raise errors.too_many(60)


def _found(call: Call) -> Json:
    user = desk_of(call).user(int(call.params["id"]))
    if user is None:
        raise errors.not_found()
    return user


def _user_object(call: Call) -> Json:
    user = object_of(_body(call), "user")
    if user is None:
        raise errors.bad_request("Invalid attribute", "You passed an invalid value for the user attribute.")
    return user


def _body(call: Call) -> object:
    try:
        return call.json()
    except ValueError:
        raise errors.malformed() from None


def _name(given: Json) -> str:
    name = _text(given, "name")
    if name is None:
        raise errors.invalid("name", "Name: is too short (minimum one character)", "ValueTooShort")
    return name


def _text(given: Json, field: str) -> str | None:
    value = given.get(field)
    return str(value).strip() or None if isinstance(value, str | int) and not isinstance(value, bool) else None
