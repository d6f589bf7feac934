"""`handoff demo`: the four processes as in production, an embedded broker, and simulated vendors around them."""
