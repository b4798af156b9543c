"""python -m tests.benchmarks.fashion: a small PyTorch network on Fashion-MNIST, and ours beside it.

The report behind the recipe `batchnorm-fashion` compares its NumPy network with this one: two 3x3
convolutions of 32 and 64 maps, each followed by batch normalisation, ReLU and 2x2 max pooling; a
dense layer of 512 units with dropout of 0.5; ten outputs; 1,630,282 parameters.  Adam with a rate
of 0.001, cross-entropy, batches of 128, pixels from 0 to 1.  Its layer list has no activation after
the dense layer, and none is added here.

The report compares unequal runs: its own network learned 5,000 batches of 64 (5.3 passes), this one
20 passes, of which it takes the best on the test set.  Here both learn the same passes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import torch
from torch import nn

from lenet1998.data import datasets
from lenet1998.data.patterns import Patterns
from lenet1998.run.learn import make_trainer
from lenet1998.run.recipes import RECIPES
from lenet1998.run.settings import choose
from lenet1998.threads import one_thread

RECIPE = "batchnorm-fashion"
BATCH, TEST_BATCH, RATE = 128, 256, 0.001
# Reported accuracy on the test set after each pass, percent.
REPORTED = (
    87.97, 89.07, 90.11, 90.83, 91.61, 91.36, 92.32, 92.52, 92.55, 92.58,
    92.99, 92.48, 93.00, 92.57, 92.43, 92.57, 92.66, 92.89, 92.71, 92.64,
)  # fmt: skip


@dataclass(frozen=True)
class Pass:
    """What a network reached after a pass: accuracies in percent, seconds."""

    training: float
    test: float
    seconds: float


def build() -> nn.Sequential:
    """The network with its initial weights: He normal, Xavier uniform in dense layers, biases 0."""
    network = nn.Sequential(
        *_block(1, 32), *_block(32, 64),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 512), nn.Dropout(0.5), nn.Linear(512, 10),
    )  # fmt: skip
    for layer in network:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.zeros_(layer.bias)
    return network


def _block(maps_below: int, maps: int) -> list[nn.Module]:
    """Convolution, batch normalisation, ReLU, pooling."""
    return [nn.Conv2d(maps_below, maps, 3, padding=1), nn.BatchNorm2d(maps), nn.ReLU(),
            nn.MaxPool2d(2)]  # fmt: skip


def tensors(patterns: Patterns) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (n, 1, 28, 28) from 0 to 1, and classes (n,)."""
    images = torch.from_numpy(patterns.images)[:, None] / 255
    return images, torch.from_numpy(patterns.labels).long()


def train(network: nn.Module, train: Patterns, test: Patterns, passes: int) -> Iterator[Pass]:
    """Train the PyTorch network; yield a result after each pass."""
    images, labels = tensors(train)
    criterion, adam = nn.CrossEntropyLoss(), torch.optim.Adam(network.parameters(), lr=RATE)
    for _ in range(passes):
        started, right = perf_counter(), 0
        network.train()
        for batch in torch.randperm(len(labels)).split(BATCH):
            logits = network(images[batch])
            adam.zero_grad()
            criterion(logits, labels[batch]).backward()
            adam.step()
            right += int((logits.argmax(1) == labels[batch]).sum())
        accuracy = score(network, test)
        yield Pass(100 * right / len(labels), accuracy, perf_counter() - started)


def score(network: nn.Module, test: Patterns) -> float:
    """Accuracy in percent."""
    network.eval()
    images, labels = tensors(test)
    with torch.inference_mode():
        found = [network(batch).argmax(1) for batch in images.split(TEST_BATCH)]
    return 100 * float((torch.cat(found) == labels).double().mean())


def train_ours(train: Patterns, test: Patterns, passes: int, seed: int) -> Iterator[Pass]:
    """Train the recipe's network on whole passes; yield a result after each."""
    given = {"seed": seed, "dataset": train.dataset, "passes": passes, "pass_size": 0}
    settings = choose(given, RECIPES[RECIPE].settings)
    trainer = make_trainer(settings, settings.network(), len(train), quiet=True)
    for one in trainer.passes(train, test):
        yield Pass(100 - one.training_error_percent, 100 - one.test_error_percent, one.seconds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fashion", description=__doc__)
    parser.add_argument("--passes", type=int, default=20, metavar="N", help="(%(default)s)")
    parser.add_argument("--train-size", type=int, metavar="N", help="only the first N patterns")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="(%(default)s)")
    parser.add_argument("--threads", type=int, metavar="N", help="of PyTorch; default: its own")
    flags = parser.parse_args()
    if flags.threads:
        torch.set_num_threads(flags.threads)
    training, test = datasets.load_fashion_mnist()
    training = training.subset(flags.train_size or len(training))
    torch.manual_seed(flags.seed)
    network = build()
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads; ours, one thread")
    print(f"{'':6}{'PyTorch':>10}{'':>10}{'':>10}{'':>8}{'ours':>10}")
    print(f"{'pass':6}{'reported':>10}{'training':>10}{'test':>10}{'s':>8}"
          f"{'training':>10}{'test':>10}{'s':>8}")  # fmt: skip
    theirs = train(network, training, test, flags.passes)
    with one_thread():
        ours = train_ours(training, test, flags.passes, flags.seed)
        for number, (a, b) in enumerate(zip(theirs, ours, strict=True), 1):
            reported = f"{REPORTED[number - 1]:.2f}" if number <= len(REPORTED) else ""
            print(f"{number:<6}{reported:>10}{a.training:10.2f}{a.test:10.2f}{a.seconds:8.1f}"
                  f"{b.training:10.2f}{b.test:10.2f}{b.seconds:8.1f}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
