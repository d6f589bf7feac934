"""Text from outside: one plain, safe form, and what can be told from its wording. Pure, no I/O."""
