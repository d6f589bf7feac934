"""Sections beside the two jobs; the runner finds every module here that has a `name`."""
