"""A Zendesk account: Support API v2, Messaging (Sunshine Conversations v2) and AI agents, on one host."""

from dataclasses import replace

from agents.demo.simulators.calls import Operation, Simulator
from agents.demo.simulators.zendesk import (
    access,
    ai_agents,
    catalog,
    errors,
    merging,
    sunshine,
    switchboard,
    ticket_reads,
    tickets,
    triggers,
    uploads,
    users,
)

_J = r"{suffix:(?:\.json)?}"  # every Support endpoint answers with and without it
_TICKET = r"/api/v2/tickets/{id:\d+}"
_USER = r"/api/v2/users/{id:\d+}"
_CONVERSATION = "/sc/v2/apps/{app}/conversations/{conversation}"

_SUPPORT = (
    Operation("zendesk.issue_token", "POST", "/oauth/tokens" + _J, access.issue_token, public=True),
    Operation("zendesk.create_ticket", "POST", "/api/v2/tickets" + _J, tickets.create_ticket),
    Operation("zendesk.list_tickets", "GET", "/api/v2/tickets" + _J, ticket_reads.list_tickets),
    Operation("zendesk.show_many_tickets", "GET", "/api/v2/tickets/show_many" + _J, ticket_reads.show_many),
    Operation("zendesk.update_ticket", "PUT", _TICKET + _J, tickets.update_ticket),
    Operation("zendesk.show_ticket", "GET", _TICKET + _J, ticket_reads.show_ticket),
    Operation("zendesk.list_comments", "GET", _TICKET + "/comments" + _J, ticket_reads.list_comments),
    Operation("zendesk.list_audits", "GET", _TICKET + "/audits" + _J, ticket_reads.list_audits),
    Operation("zendesk.merge_tickets", "POST", _TICKET + "/merge" + _J, merging.merge_tickets),
    Operation("zendesk.search", "GET", "/api/v2/search" + _J, ticket_reads.search),
    Operation("zendesk.create_user", "POST", "/api/v2/users" + _J, users.create_user),
    Operation(
        "zendesk.create_or_update_user", "POST", "/api/v2/users/create_or_update" + _J, users.create_or_update_user
    ),
    Operation("zendesk.search_users", "GET", "/api/v2/users/search" + _J, users.search_users),
    Operation("zendesk.show_me", "GET", "/api/v2/users/me" + _J, users.show_me),
    Operation("zendesk.show_user", "GET", _USER + _J, users.show_user),
    Operation("zendesk.update_user", "PUT", _USER + _J, users.update_user),
    Operation("zendesk.list_identities", "GET", _USER + "/identities" + _J, users.list_identities),
    Operation("zendesk.add_identity", "POST", _USER + "/identities" + _J, users.add_identity),
    Operation("zendesk.requested_tickets", "GET", _USER + "/tickets/requested" + _J, ticket_reads.requested_tickets),
    Operation("zendesk.list_groups", "GET", "/api/v2/groups" + _J, catalog.list_groups),
    Operation("zendesk.list_brands", "GET", "/api/v2/brands" + _J, catalog.list_brands),
    Operation("zendesk.list_forms", "GET", "/api/v2/ticket_forms" + _J, catalog.list_forms),
    Operation("zendesk.list_fields", "GET", "/api/v2/ticket_fields" + _J, catalog.list_fields),
    Operation("zendesk.list_triggers", "GET", "/api/v2/triggers" + _J, triggers.list_triggers),
    Operation("zendesk.list_active_triggers", "GET", "/api/v2/triggers/active" + _J, triggers.list_triggers),
    Operation("zendesk.show_settings", "GET", "/api/v2/account/settings" + _J, catalog.show_settings),
    Operation("zendesk.show_current_token", "GET", "/api/v2/oauth/tokens/current" + _J, access.show_current_token),
    Operation("zendesk.upload", "POST", "/api/v2/uploads" + _J, uploads.upload),
)
_MESSAGING = (
    Operation("sunshine.show_conversation", "GET", _CONVERSATION, sunshine.show_conversation),
    Operation("sunshine.list_messages", "GET", _CONVERSATION + "/messages", sunshine.list_messages),
    Operation("sunshine.post_message", "POST", _CONVERSATION + "/messages", sunshine.post_message),
    Operation("sunshine.pass_control", "POST", _CONVERSATION + "/passControl", switchboard.pass_control),
    Operation("sunshine.release_control", "POST", _CONVERSATION + "/releaseControl", switchboard.release_control),
    Operation("sunshine.offer_control", "POST", _CONVERSATION + "/offerControl", switchboard.offer_control),
    Operation("sunshine.accept_control", "POST", _CONVERSATION + "/acceptControl", switchboard.accept_control),
)
_SEND_TO_WIDGET = Operation(
    "ai_agents.send_to_widget", "POST", "/agent/converse/send-message-to-widget", ai_agents.send_to_widget
)
_CONVERSE = Operation("ai_agents.converse", "POST", "/converse/chat", ai_agents.converse)
_AI_AGENTS = tuple(
    replace(operation, path="/ai-agents/api" + operation.path) for operation in (_SEND_TO_WIDGET, _CONVERSE)
)

ZENDESK = Simulator(
    name="zendesk",
    operations=_SUPPORT + _MESSAGING + _AI_AGENTS,
    guard=access.guard,
    dress=access.dress,
    unknown=errors.unknown_endpoint,
)

WIDGET = Simulator(
    name="widget",
    operations=(_SEND_TO_WIDGET, _CONVERSE),
    guard=access.guard,
    dress=access.dress,
    unknown=errors.unknown_endpoint,
)
"""The AI agents' API by itself, as `https://{subdomain}.zendesk.com/ai-agents/api`."""
