"""Zendesk Support API v2.

**The first comment.** A ticket created over the API with a public first comment makes Zendesk mail the requester
(standard trigger «Notify requester of new proactive ticket»: created, has public comments, current user is an
agent; https://support.zendesk.com/hc/en-us/articles/4408828984346), and the mail holds the public comments. A
ticket created with a private one mails nobody, but `public` «persists for any additional comment unless you
change it» (https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/), the ticket is hidden
from the customer's own list, and an agent's answer may stay an internal note that nobody notices.

Hence the default `public`: the first comment holds the customer's own words alone, short and without links, in
their name where the contact is known; first screen, transcript and evidence follow as private notes. Neither is
the transcript mailed nor does an answer end up private by accident. What the trigger then mails is the
customer's own message; who does not want that either excludes the tag `handoff` in it (`handoff doctor` names
the triggers). `private` puts everything into one private comment: right where addresses are unverified claims
and no mail may go to them, or where agents are used to private tickets.

**Idempotency.** `Idempotency-Key` on creates only, kept for two hours, the body must be identical
(https://developer.zendesk.com/api-reference/introduction/requests/). Updates have none: a comment of ours carries
its action id in the audit's metadata and as its last line.

**Sizes.** Comments are cut at 64 kB without an error (same page as above): ours stay below 60 kB.
"""
