"""Private RabbitMQ and MongoDB-protocol nodes as child processes, for hosts without Docker."""

from klik.nodes.child import NodeDidNotStart, NodeUnavailable
from klik.nodes.ports import free_port
from klik.nodes.rabbitmq import Rabbit, ensure_rabbitmq_installed
from klik.nodes.store import Store

__all__ = [
    "NodeDidNotStart",
    "NodeUnavailable",
    "Rabbit",
    "Store",
    "ensure_rabbitmq_installed",
    "free_port",
]
