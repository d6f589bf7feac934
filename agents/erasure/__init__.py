"""Erasing what the topics hold of one person: who is meant, what is found, what is written instead. See `plan`."""
