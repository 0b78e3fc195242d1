"""RabbitMQ: the topology, events out by an outbox, messages in by one middleware."""
