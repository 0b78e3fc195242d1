"""Webhooks: the system's events, posted to front-ends that subscribed to them.

    event ─► handlers.py ─► event_log.py (segments) ─► worker.py ─► client.py (sign, post) ─►
    front-end
                                                      │
                                       store.py (subscription, how far it has come)

`domain/` has the rules: what a subscription gets, which addresses may be called, who may see what.
`worker_pool.py` deals the subscriptions out to the replicas.
"""
