"""Ctrl-C and SIGTERM stop a training between two updates."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, ClassVar


class StopOnSignal:
    """Context manager that records Ctrl-C and SIGTERM; calling it tells whether one arrived.

    A second signal raises KeyboardInterrupt at once, and those after it do nothing.  An ignored
    signal stays ignored.  In a thread, where Python cannot handle signals, nothing changes.

    Attributes:
        end: in a process of a pool, ends it when a block is left in which a signal arrived; there a
            second signal does nothing.
    """

    end: ClassVar[Callable[[], object] | None] = None

    def __init__(self) -> None:
        self.asked = self.asked_twice = False
        self._previous: dict[int, Any] = {}

    def __call__(self) -> bool:
        return self.asked

    def __enter__(self) -> "StopOnSignal":
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._previous[number] = signal.signal(number, self._ask)
        except ValueError:  # not the main thread
            pass
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        if self.asked and StopOnSignal.end is not None:
            StopOnSignal.end()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked_twice or (self.asked and StopOnSignal.end is not None):
            return
        self.asked, self.asked_twice = True, self.asked
        if self.asked_twice:
            raise KeyboardInterrupt


@contextmanager
def ignoring_signals() -> Iterator[None]:
    """Within the block Ctrl-C and SIGTERM do nothing, for what must not end half-way."""
    previous: dict[int, Any] = {}
    try:
        for one in (signal.SIGINT, signal.SIGTERM):
            # With SIG_IGN Python prints a traceback for a signal that has just arrived.
            previous[one] = signal.signal(one, lambda *_: None)
    except ValueError:  # not the main thread
        pass
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


@contextmanager
def deferring_signals() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait until the block ends.

    Processes that are started within the block are born with Ctrl-C blocked, until they unblock it.
    """
    arrived: list[int] = []
    previous: dict[int, Any] = {}
    can_block = hasattr(signal, "pthread_sigmask")  # not on Windows
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]) if can_block else set()
    try:
        for one in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(one) not in (signal.SIG_IGN, None):
                previous[one] = signal.signal(one, lambda number, _: arrived.append(number))
    except ValueError:  # not the main thread
        pass
    try:
        yield
    finally:
        if can_block:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        for number, handler in previous.items():
            signal.signal(number, handler)
        for number in arrived[:1]:
            signal.raise_signal(number)
