"""The global learning rate eta of each pass."""

from . import paper


def paper_schedule(passes: int) -> list[float]:
    """eta of passes 1 to `passes` by III-B (`paper.SCHEDULE`).

    The last rate of the paper goes on for as long as asked.
    """
    etas = [eta for count, eta in paper.SCHEDULE for _ in range(count)]
    return (etas + [etas[-1]] * passes)[:passes]
