"""The event backbone: from a service's outbox through the log into other services' tables."""
