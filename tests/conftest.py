"""Hypothesis judges what is said, not how long it took: this machine may be busy with something else."""

from hypothesis import settings

settings.register_profile("handoff", parent=settings(), deadline=None)
settings.load_profile("handoff")
