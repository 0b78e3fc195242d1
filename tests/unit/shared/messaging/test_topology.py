from shared.messaging import topology
from shared.messaging.retry import DELAYS


def test_dead_letters_have_a_place_before_anything_can_send_them_there() -> None:
    for service in topology.SERVICES:
        declared: set[str] = set()
        for queue in topology.queues(service):
            target = queue.arguments.get("x-dead-letter-routing-key")
            assert target is None or target in declared
            declared.add(queue.name)


def test_there_is_a_retry_queue_for_every_delay_and_it_leads_home() -> None:
    retries = [q for q in topology.queues("routing") if ".retry." in q.name]
    assert [q.arguments["x-message-ttl"] for q in retries] == [
        delay.total_seconds() * 1000 for delay in DELAYS
    ]
    assert {q.arguments["x-dead-letter-routing-key"] for q in retries} == {"klik.routing"}
