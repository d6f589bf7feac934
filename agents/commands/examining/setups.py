"""What has to be set up at each platform so that its webhooks reach us: where, how they are proven, what is sent.

Pure data; tests hold it to what the adapters understand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from agents.platforms.zendesk_events import TRIGGER_BODY

WEBHOOK_PATH = "/v1/webhooks/{platform}/{tenant}"


@dataclass(frozen=True)
class Setup:
    """One webhook. `subscriptions` in the vendor's own words; `body` is pasted where the vendor lets one write it."""

    where: str
    proof: str
    subscriptions: tuple[str, ...] = ()
    body: str | None = None
    path: str = WEBHOOK_PATH

    def path_for(self, platform: str, tenant: str) -> str:
        """The path of the webhook's address."""
        return self.path.format(platform=platform, tenant=tenant)


INTERCOM_TOPICS = (
    "conversation.user.created",
    "conversation.user.replied",
    "conversation.operator.replied",
    "conversation.admin.replied",
    "conversation.admin.single.created",
    "conversation.admin.assigned",
    "conversation.admin.open.assigned",
    "conversation.admin.opened",
    "conversation.admin.closed",
    "conversation.admin.snoozed",
    "conversation.admin.unsnoozed",
    "conversation.contact.attached",
    "conversation.deleted",
    "conversation.rating.added",
    "conversation_part.tag.created",
)
SUNSHINE_TRIGGERS = (
    "conversation:message",
    "conversation:postback",
    "switchboard:passControl",
    "switchboard:releaseControl",
    "switchboard:offerControl",
    "switchboard:acceptControl",
    "user:merge",
    "user:update",
)
ZENDESK_EVENTS = (
    "zen:event-type:messaging_ticket.message_added",
    "zen:event-type:ticket.comment_added",
    "zen:event-type:ticket.status_changed",
    "zen:event-type:ticket.agent_assignment_changed",
)

SETUPS: Mapping[str, tuple[Setup, ...]] = {
    "intercom": (
        Setup(
            "Developer Hub > your app > Webhooks (the app needs the permission «Read conversations»)",
            "X-Hub-Signature, made with the app's client secret (Basic information): put that into `secrets`",
            INTERCOM_TOPICS,
        ),
    ),
    "fin-agent-api": (
        Setup(
            "Fin Agent API > Webhook: callback URL",
            "X-Fin-Agent-API-Webhook-Signature, made with the secret shown when the URL is saved: put that into "
            "`secrets`, and the app's client secret beside it, with which the page's own test is signed",
        ),
    ),
    "zendesk-sunco": (
        Setup(
            "POST /v2/apps/{appId}/integrations: type `custom`, one webhook, includeFullUser: true",
            "X-API-Key, the webhook's own secret, which the answer to that call names: put it into `secrets`",
            SUNSHINE_TRIGGERS,
        ),
    ),
    "zendesk-events": (
        Setup(
            "Admin Center > Apps and integrations > Webhooks > Create webhook > Zendesk events",
            "X-Zendesk-Webhook-Signature, made with the webhook's signing secret (Show secret): put it into `secrets`",
            ZENDESK_EVENTS,
        ),
        Setup(
            "Admin Center > Webhooks > Create webhook > Trigger or automation (POST, JSON); then a trigger with the "
            "action «Notify active webhook» and the body below, the conversation field's id in the place of the 0",
            "X-Zendesk-Webhook-Signature, as above; each webhook has a signing secret of its own",
            body=TRIGGER_BODY,
        ),
    ),
    "zendesk-ai-agents-advanced": (
        Setup(
            "AI agents Advanced > Settings > CRM integration, custom: converse webhook",
            "Authorization: Bearer <secret>, or X-API-Key: <secret>: a secret you make up, in `secrets` too",
        ),
    ),
    "custom-llm": (
        Setup(
            "in your application: after each turn, and when the session ends",
            "Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature), with a secret `whsec_…` of yours, "
            "in `secrets` too",
            path="/v1/events/{tenant}",
        ),
    ),
}
