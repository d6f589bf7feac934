"""Helpdesks, chat platforms and a mail server on loopback that behave as their vendors document.

They are real HTTP servers with real memory, so that the hops run against them as in production, and tests and an
independent checker can read what came of it. Where documentation is silent the stricter behaviour is simulated.
"""
