"""How far something is that takes long."""

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn


class Bars(Progress):
    """A bar for each thing that is done, as it is told of."""

    def __init__(self, console: Console) -> None:
        super().__init__(
            TextColumn("{task.description:>16}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
        )
        self._known: dict[str, TaskID] = {}

    def step(self, what: str, done: int, total: int) -> None:
        if what not in self._known:
            self._known[what] = self.add_task(what, total=total)
        self.update(self._known[what], completed=done, total=total)
