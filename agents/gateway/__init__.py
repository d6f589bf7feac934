"""From webhooks to conversation events.

Consumes: HTTP, `POST /v1/webhooks/{platform}/{tenant}` and `POST /v1/events/{tenant}`; and what a platform that can be
asked answers (`poller`), for webhooks that never came.
Produces: conversation.events, key tenant|conversation_id, one record per event of a body.
Group and key: none; stateless, scaled behind a load balancer.
Delivery: 2xx only after the brokers acknowledged every event of the body; derived event ids absorb repeats.
Dead letters: none; what cannot be accepted is refused with a status and a reason the sender can see.
"""
