"""RabbitMQ: the topology, events out by an outbox, messages in and never dropped."""
