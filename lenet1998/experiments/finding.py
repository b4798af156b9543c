"""Section VII-D: digits found on a page by a network swept over it at several scales."""

from collections.abc import Iterator, Mapping, Sequence
from time import perf_counter

from matplotlib.figure import Figure
from tqdm import tqdm

from ..arrays import Array
from ..data.catalogue import TITLES
from ..data.patterns import Patterns
from ..figures.found import Box, Found, boxes_on_page, finding_curves
from ..files import save_figure, write_csv
from ..network.lenet5 import LeNet5
from ..network.weights import STRINGS
from ..run.yardstick import caution
from ..strings.page_sweep import SMALLEST, Digit, find_digits
from ..strings.pages import (
    CURVES,
    MAIN,
    PLAIN,
    WITH_STROKES,
    Page,
    PageRules,
    Tally,
    assigned,
    make_pages,
    tally,
)
from .experiment import Experiment, Request

SEED = 1998  # of the pages
MOST = 20  # pages of a condition, half as many of a curve; at most one for 250 test digits
FILES = ("found.csv", "found.png", "page.png")


def run(request: Request) -> str:
    """Find the digits of made-up pages with the weights `strings`; trains nothing.

    Writes found.csv, found.png with curves, and page.png, one page with its boxes.
    """
    test, into = request.test, request.into
    network = LeNet5.pretrained(STRINGS)
    count = max(1, min(MOST, len(test) // 250))
    total = len(MAIN) + sum(map(len, CURVES.values()))
    found: dict[tuple[str, str], Tally] = {}
    seconds = 0.0
    with tqdm(total=total, desc="pages", disable=request.quiet or None, dynamic_ncols=True) as bar:
        for varied, value, rules in conditions():
            few = count if not varied else max(1, count // 2)
            pages = make_pages(test, few, SEED, rules)
            started = perf_counter()
            found[varied, value] = measure(network, pages)
            if rules is PLAIN:
                seconds = (perf_counter() - started) / len(pages)
            bar.update()
    write_csv(
        into / FILES[0],
        ["dataset", "varied", "value", "pages", "digits", "right", "mislabelled", "missed",
         "false"],
        [(test.dataset, *key, one.pages, one.digits, one.right, one.mislabelled, one.missed,
          one.false) for key, one in found.items()],
    )  # fmt: skip
    title = TITLES[test.dataset]
    save_figure(finding_curves(curves(found), f"{title}: digits found on pages"), into / FILES[1])
    save_figure(example(network, test), into / FILES[2])
    lines = table(found, title)
    lines.append(
        f"A page of {PLAIN.side} x {PLAIN.side} pixels takes {seconds:.2f} s, for digits "
        f"from {SMALLEST:g} pixels on."
    )
    return "\n".join([*lines, *caution(test.dataset, learned=network.dataset)])


def conditions() -> Iterator[tuple[str, str, PageRules]]:
    """What varies, or "", its value, and the rules of the pages."""
    for name, rules in MAIN.items():
        yield "", name, rules
    for varied, amounts in CURVES.items():
        for amount, rules in amounts.items():
            yield varied, f"{amount:g}", rules


def measure(network: LeNet5, pages: Sequence[Page]) -> Tally:
    """What is found on some pages."""
    return sum((tally(find_digits(network, page.ink), page) for page in pages), Tally())


def curves(
    found: Mapping[tuple[str, str], Tally],
) -> dict[str, list[tuple[float, Found]]]:
    """The curves as they are drawn: percent with the right label, false boxes a page."""
    return {
        varied: [
            (float(value), Found(100 * one.right / max(one.digits, 1), one.false / one.pages))
            for (other, value), one in found.items()
            if other == varied
        ]
        for varied in CURVES
    }


def example(network: LeNet5, test: Patterns) -> Figure:
    """The first page with strokes, with its boxes."""
    (page,) = make_pages(test, 1, SEED, MAIN[WITH_STROKES])
    found = find_digits(network, page.ink)
    one = tally(found, page)
    title = (
        f"{one.right} of {one.digits} {TITLES[test.dataset].removesuffix(' digits')} test digits "
        f"found and read right (blue), {one.false + one.mislabelled} boxes wrong, "
        f"{one.missed} missed (dotted)"
    )
    return page_picture(page.ink, found, title, page.digits)


def page_picture(
    ink: Array, found: Sequence[Digit], title: str, digits: Sequence[Digit] | None = None
) -> Figure:
    """A page with boxes around the digits that were found.

    Args:
        ink: the page (h, w), 0 to 1.
        found: what is drawn.
        title: of the picture.
        digits: those of the page, where they are known; then wrong boxes and missed digits are
            marked.
    """
    owner = [] if digits is None else assigned(found, digits)
    right = {k for k, one in zip(owner, digits or (), strict=True)
             if k is not None and found[k].digit == one.digit}  # fmt: skip
    boxes = [
        Box(one.box, str(one.digit), wrong=digits is not None and k not in right)
        for k, one in enumerate(found)
    ]
    boxes += [Box(one.box, "", missed=True) for k, one in zip(owner, digits or (), strict=True)
              if k is None]  # fmt: skip
    return boxes_on_page(ink, boxes, title)


def table(found: Mapping[tuple[str, str], Tally], title: str) -> list[str]:
    """The results as lines of text."""
    head = f"{title}, weights {STRINGS}; per cent of the digits, and boxes a page"
    lines = [head, f"{'':36}{'pages':>6}{'digits':>8}{'right':>8}{'wrong label':>13}{'missed':>8}"
                   f"{'false boxes':>13}"]  # fmt: skip
    names = {"height": "height {} pixels", "strokes": "{} strokes"}
    for (varied, value), one in found.items():
        name = names[varied].format(value) if varied else value
        shares = [100 * n / one.digits if one.digits else None
                  for n in (one.right, one.mislabelled, one.missed)]  # fmt: skip
        a, b, c = ("-" if share is None else f"{share:.1f}" for share in shares)
        false = one.false / one.pages
        lines.append(f"{name:36}{one.pages:6}{one.digits:8}{a:>8}{b:>13}{c:>8}{false:13.2f}")
    return lines


EXPERIMENT = Experiment(
    name="find-digits",
    section="VII-D",
    help="digits found on a page, at several scales",
    files=FILES,
    run=run,
)
