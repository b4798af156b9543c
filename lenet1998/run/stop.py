"""Ctrl-C and SIGTERM end a run between two updates."""

import signal
from types import FrameType
from typing import Any


class Stop:
    """Within the block, Ctrl-C and SIGTERM only ask to stop: the training ends between two updates.

    Asked twice, they end it at once, as they would without.  Call it to know whether it was asked.
    A signal that is ignored stays so; in a thread, where signals cannot be taken, nothing changes.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        return self.asked

    def __enter__(self) -> "Stop":
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._ask)
        except ValueError:  # not the main thread
            pass
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
