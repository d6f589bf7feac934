"""From conversation events to escalation commands, with windowed state per conversation.

Consumes: conversation.events, group = the app id, key tenant|conversation_id.
Produces: escalation.commands, conversation.outcomes, policy.versions; ticks to conversation.events.
State: escalation.state (compacted), heads and chunks; rebuilt in bulk when a partition is assigned.
Delivery: at least once; a key's head is written only when all its outputs are acknowledged (emit before mark),
an offset moves only after that. Commands carry derived ids, so a repeat is absorbed by ticketing's ledger.
Dead letters: what cannot be decoded, is not keyed as it should be, or lies on the wrong partition.
"""
