"""An Intercom workspace: conversations and contacts over REST, and the Fin Agent API."""

from agents.demo.simulators.calls import Call, Operation, Reply, Simulator
from agents.demo.simulators.intercom import access, conversations, fin, records
from agents.demo.simulators.intercom.access import refusal

_CONVERSATION = "/conversations/{id}"


def show_me(call: Call) -> Reply:
    """`GET /me`: the teammate the token acts as."""
    account = call.settings.intercom
    app = {"type": "app", "id_code": account.app_id, "name": call.account, "region": "US"}
    admin = {"type": "admin", "id": account.admin_id, "name": account.admins.get(account.admin_id), "email": None}
    return Reply(200, admin | {"email_verified": True, "app": app})


def list_admins(call: Call) -> Reply:
    """`GET /admins`."""
    admins = [{"type": "admin", "id": key, "name": name} for key, name in call.settings.intercom.admins.items()]
    return Reply(200, {"type": "admin.list", "admins": admins})


def list_teams(call: Call) -> Reply:
    """`GET /teams`."""
    teams = [{"type": "team", "id": key, "name": name} for key, name in call.settings.intercom.teams.items()]
    return Reply(200, {"type": "team.list", "teams": teams})


def show_contact(call: Call) -> Reply:
    """`GET /contacts/{id}`."""
    for session in reversed(conversations.chat_of(call).sessions()):
        if session.customer.get("id") == call.params["id"]:
            return Reply(200, records.contact(session))
    raise refusal(call, 404, "not_found", "User Not Found")


INTERCOM = Simulator(
    name="intercom",
    operations=(
        Operation("intercom.search_conversations", "POST", "/conversations/search", conversations.search),
        Operation("intercom.show_conversation", "GET", _CONVERSATION, conversations.show_conversation),
        Operation("intercom.reply", "POST", _CONVERSATION + "/reply", conversations.reply),
        Operation("intercom.manage", "POST", _CONVERSATION + "/parts", conversations.manage),
        Operation("intercom.show_contact", "GET", "/contacts/{id}", show_contact),
        Operation("intercom.show_me", "GET", "/me", show_me),
        Operation("intercom.list_admins", "GET", "/admins", list_admins),
        Operation("intercom.list_teams", "GET", "/teams", list_teams),
        Operation("fin.start", "POST", "/fin/start", fin.start),
        Operation("fin.reply", "POST", "/fin/reply", fin.reply),
        Operation("fin.escalate", "POST", "/fin/escalate", fin.escalate),
    ),
    guard=access.guard,
    dress=access.dress,
    unknown=access.unknown_endpoint,
)
