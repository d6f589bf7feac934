"""Helpdesks: one folder each, behind `port.Helpdesk`; `registry` lists them.

What a ticket says is built once, independent of the helpdesk (`first_screen`), and then put into the helpdesk's
own form (`zendesk.render`, `freshdesk.render`). Both are pure. Calls go through `agents.outbound.Http` alone.
"""
