"""The table of `python -m bench alerts`, and whether it is as promised."""

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.alerts import CHANNELS, Findings, Trial, run
from bench.compared.record import percentile

#: Seconds within which the other channels tell while one is slow: for 99 of 100 alerts.
PROMPT = 2.0


async def measure(trial: Trial, console: Console) -> int:
    with Progress(console=console) as progress:
        task = progress.add_task("messages taken", total=trial.alerts)
        findings = await run(trial, lambda taken: progress.update(task, completed=taken))
    console.print(_table(trial, findings))
    console.print(
        f"{len(findings.expected)} alerts in {findings.seconds:.0f} s, {trial.replicas} processes, "
        f"{findings.kills} times kill -9, {trial.share:.0%} of the calls failed; "
        f"{len(findings.taken_over)} taken over, {findings.parked} messages parked, "
        f"{findings.told_otherwise_than_once} told otherwise than once"
    )
    return 0 if _as_promised(trial, findings) else 1


def _table(trial: Trial, findings: Findings) -> Table:
    table = Table("channel", "alerts", "lost", "doubled", "by a crash", "p50 s", "p99 s")
    for name in CHANNELS:
        delays = findings.delays(name)
        table.add_row(
            f"{name} (slow)" if name == trial.slow else name,
            str(len(findings.of(name))),
            "not waited for" if name == trial.slow else str(findings.lost(name)),
            str(findings.doubled(name, by_crash=False)),
            str(findings.doubled(name, by_crash=True)),
            f"{percentile(delays, 0.5):.2f}",
            f"{percentile(delays, 0.99):.2f}",
        )
    return table


def _as_promised(trial: Trial, findings: Findings) -> bool:
    others = [name for name in CHANNELS if name != trial.slow]
    whole = not any(findings.lost(name) for name in others) and not findings.parked
    once = not any(findings.doubled(name, by_crash=False) for name in CHANNELS)
    prompt = not trial.slow or all(
        percentile(findings.delays(name), 0.99) < PROMPT for name in others
    )
    told = bool(trial.slow) or not findings.told_otherwise_than_once
    return whole and once and prompt and told
