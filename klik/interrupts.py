"""SIGINT and SIGTERM end a command of ours, however it was started."""

import signal


def heed_signals() -> None:
    """Have both raise `KeyboardInterrupt`, which asyncio turns into a cancellation.

    What a script starts in the background inherits SIGINT as ignored, and Python leaves it so.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
