"""The ticketing hop.

Consumes: `escalation.commands`, and by hand the same partitions of `escalation.commands.parked`.
Produces: `notification.events`, `escalation.ledger`, `escalation.commands.parked`.
Group and key: `handoff-ticketing`, `tenant|conversation_id`; parked offsets in `handoff-ticketing-parked`.
Delivery: at least once, made effectively once by the ledger; idempotency key: the action id.
Dead letters: what no retry can mend, what the helpdesk refused for good, what stayed in doubt.
"""
