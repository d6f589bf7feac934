"""Freshdesk API v2.

**The first comment.** A ticket's description is always visible to its requester, and Freshdesk has a mail of its
own for new tickets; whether it is sent for those made over the API is not documented, so we take it that it is.
The transcript therefore never stands in the description. Default `public`: the description holds the customer's
own words alone, short and without links. `private`: one neutral line. First screen, transcript and evidence are
private notes in both. Replies and notes are two buttons in Freshdesk, so no answer ends up private by accident.

**Idempotency.** There is none, and the search index lags by minutes
(https://developers.freshdesk.com/api/#filter_tickets). A ticket carries the escalation id in a custom field where
one is configured, else in a tag of its own, and is looked for through the list endpoint alone.

**A closed ticket** takes notes, but nobody would see them: resolved and closed count as closed here, and what
comes later opens a follow-up.
"""
