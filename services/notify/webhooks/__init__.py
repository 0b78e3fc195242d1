"""Webhooks: the system's events, posted to front-ends that subscribed to them.

    event ─► handlers.py ─► journal.py (pages) ─► courier.py ─► client.py (sign, post) ─► front-end
                                                      │
                                       store.py (subscription, how far it has come)

`domain.py` has the rules, `guard.py` says which addresses may be called, `couriers.py` deals the
subscriptions out to the replicas.
"""
