"""The web page of `handoff demo --serve`: the chat as the customer sees it beside the ticket as the agent reads it."""
