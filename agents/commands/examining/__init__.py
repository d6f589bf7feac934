"""What `handoff doctor` looks at: the brokers, each tenant's helpdesk and platforms, and what is to be pasted where."""
