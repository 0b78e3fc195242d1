"""Alerts on real processes of notify, whose providers fail and which are killed.

What tells a message from its double at each provider: tests/peers/sink.py. The same at full size:
`python -m bench alerts`.
"""

from dataclasses import replace

import pytest

from bench.alerts import CHANNELS, Findings, Trial, run
from bench.compared.record import percentile
from bench.verdict import PROMPT
from klik.nodes import NodeUnavailable
from tests.support.backends import unavailable

pytestmark = pytest.mark.integration

FAULTS = Trial(alerts=200, over=10, replicas=2, share=0.3)


async def found(trial: Trial) -> Findings:
    try:
        return await run(trial)
    except NodeUnavailable as missing:
        unavailable(str(missing))


def lost_or_doubled(findings: Findings) -> dict[str, int]:
    """What may not be, by name; a double that a crash explains is none of it."""
    counts = {f"{name} lost": findings.lost(name) for name in CHANNELS}
    counts |= {f"{name} doubled": findings.doubled(name, by_crash=False) for name in CHANNELS}
    counts |= {"parked": findings.parked, "told": findings.told_otherwise_than_once}
    return {name: count for name, count in counts.items() if count}


async def test_while_providers_fail_none_is_lost_and_none_doubled() -> None:
    findings = await found(FAULTS)
    assert len(findings.expected) == FAULTS.alerts
    assert lost_or_doubled(findings) == {}
    assert findings.states == {"sent": FAULTS.alerts}
    assert sum(findings.doubled(name, by_crash=True) for name in CHANNELS) == 0


async def test_while_notify_is_killed_only_what_was_under_way_may_be_doubled() -> None:
    findings = await found(replace(FAULTS, kills=10))
    assert findings.kills == 10
    assert lost_or_doubled(findings) == {}
    assert findings.states == {"sent": FAULTS.alerts}
    # one e-mail goes at a time, and its turn ends with our record
    assert findings.doubled("smtp", by_crash=True) <= findings.kills


async def test_a_slow_provider_delays_itself_only() -> None:
    trial = Trial(alerts=120, over=15, replicas=1, slow="telegram")
    findings = await found(trial)
    for name in CHANNELS:
        if name != trial.slow:
            assert findings.lost(name) == 0
            assert percentile(findings.delays(name), 0.99) < PROMPT
    # who waits for it does not tell anybody twice
    assert sum(findings.doubled(name, by_crash=False) for name in CHANNELS) == 0
