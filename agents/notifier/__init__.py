"""Tells the customer, in the channel they wrote in, and closes the AI's session.

Consumes: `notification.events`.
Produces: `notification.ledger`, and `notification.events.dead`.
Group and key: `handoff-notifier`, by `tenant|conversation_id`; a conversation's news are told in order.
Guarantee: each step of each notification once, by its INTENT and OUTCOME; idempotency key `notification_id`.
Dead letters: records that are not ours, and news whose channel stayed away for too long.
"""
