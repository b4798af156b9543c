"""How a gradient changes the weights: the plain step of eq. 18, and later updates.

All work on the flat vectors of a network, in place, with buffers allocated once.  `eta` is one rate
for all parameters or one for each, so that every update works with the steps of appendix C
(`sdlm.step_sizes`) as with a global rate.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Array
from ..files import InputError


class Optimizer:
    """An update of the parameters by their gradient; its state starts at 0.

    Args:
        network_size: number of parameters.
        dtype: that of the network.
        weight_decay: lambda; lambda * w is first added to the gradient of every parameter, also of
            biases (the penalty lambda/2 ||w||^2).

    Raises:
        InputError: a weight decay below 0, or (subclasses) a decay that is not within 0 and 1.
    """

    def __init__(
        self, network_size: int, dtype: DTypeLike = np.float32, *, weight_decay: float = 0.0
    ) -> None:
        if not 0 <= weight_decay < np.inf:
            raise InputError(f"weight decay is {weight_decay:g}: it must be 0 or more")
        self.weight_decay = weight_decay
        self.scratch = np.zeros(network_size, dtype)

    def update(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        """Change `parameters` (network_size,) in place by one step; `gradient` is overwritten."""
        if self.weight_decay:
            np.multiply(parameters, self.weight_decay, self.scratch)
            gradient += self.scratch
        self.step(parameters, gradient, eta)

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        """The update itself; the gradient includes the weight decay."""
        raise NotImplementedError

    def state(self) -> dict[str, Array]:
        """The arrays that a checkpoint saves; copying into them restores the optimizer."""
        return {}


class SGD(Optimizer):
    """w <- w - eta g: eq. 18 with a step for each parameter, plain gradient descent with one."""

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        gradient *= eta
        parameters -= gradient


class Momentum(Optimizer):
    """v <- momentum * v - eta g; w <- w + v (Polyak 1964).

    Args:
        plain: parameters that get plain steps, without momentum.
    """

    def __init__(
        self,
        network_size: int,
        dtype: DTypeLike = np.float32,
        *,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        plain: Sequence[slice] = (),
    ) -> None:
        super().__init__(network_size, dtype, weight_decay=weight_decay)
        self.momentum = _fraction("momentum", momentum)
        self.velocity = np.zeros(network_size, dtype)
        self.plain = plain

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        gradient *= eta
        self.velocity *= self.momentum
        self.velocity -= gradient
        parameters += self.velocity
        for part in self.plain:
            self.velocity[part] = 0.0

    def state(self) -> dict[str, Array]:
        return {"velocity": self.velocity}


class AdaGrad(Optimizer):
    """s <- s + g^2; w <- w - eta g / (sqrt(s) + epsilon) (Duchi, Hazan, Singer 2011)."""

    def __init__(
        self,
        network_size: int,
        dtype: DTypeLike = np.float32,
        *,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(network_size, dtype, weight_decay=weight_decay)
        self.epsilon = epsilon
        self.squares = np.zeros(network_size, dtype)

    def accumulate(self, gradient: Array) -> None:
        """Add g^2 to the squares."""
        np.multiply(gradient, gradient, self.scratch)
        self.squares += self.scratch

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        self.accumulate(gradient)
        np.sqrt(self.squares, self.scratch)
        self.scratch += self.epsilon
        gradient /= self.scratch
        gradient *= eta
        parameters -= gradient

    def state(self) -> dict[str, Array]:
        return {"squares": self.squares}


class RMSProp(AdaGrad):
    """s <- decay * s + (1 - decay) g^2; the rest as AdaGrad's.

    The decay of 0.99 is that of PyTorch and of a course project
    (`run/recipes/relu_maxpool_adam.py`); Hinton, who proposed it (lecture 6e, 2012), has 0.9.
    """

    def __init__(
        self,
        network_size: int,
        dtype: DTypeLike = np.float32,
        *,
        decay: float = 0.99,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(network_size, dtype, epsilon=epsilon, weight_decay=weight_decay)
        self.decay = _fraction("decay", decay)

    def accumulate(self, gradient: Array) -> None:
        """Average the squares with g^2, by the decay."""
        self.squares *= self.decay
        np.multiply(gradient, gradient, self.scratch)
        self.scratch *= 1 - self.decay
        self.squares += self.scratch


class Adam(Optimizer):
    """m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; at step t
    w <- w - eta m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon) (Kingma and Ba 2015)."""

    def __init__(
        self,
        network_size: int,
        dtype: DTypeLike = np.float32,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(network_size, dtype, weight_decay=weight_decay)
        self.beta1, self.beta2 = _fraction("beta1", beta1), _fraction("beta2", beta2)
        self.epsilon = epsilon
        self.mean, self.square = np.zeros((2, network_size), dtype)
        self.steps = np.zeros(1, np.int64)

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        self.steps += 1
        t = int(self.steps[0])
        self.mean *= self.beta1
        np.multiply(gradient, 1 - self.beta1, self.scratch)
        self.mean += self.scratch
        self.square *= self.beta2
        np.multiply(gradient, gradient, self.scratch)
        self.scratch *= 1 - self.beta2
        self.square += self.scratch
        np.divide(self.square, 1 - self.beta2**t, self.scratch)
        np.sqrt(self.scratch, self.scratch)
        self.scratch += self.epsilon
        np.divide(self.mean, 1 - self.beta1**t, gradient)
        gradient /= self.scratch
        gradient *= eta
        parameters -= gradient

    def state(self) -> dict[str, Array]:
        return {"mean": self.mean, "square": self.square, "steps": self.steps}


def is_plain_descent(optimizer: Optimizer) -> bool:
    """Whether its updates are eq. 18 and nothing else: no state, no weight decay."""
    return type(optimizer) is SGD and optimizer.weight_decay == 0


class TwiceCorrectedAdam(Adam):
    """Adam corrected twice: at step t eta, too, is multiplied by sqrt(1 - b2^t) / (1 - b1^t).

    This is the mistake of a course project (`run/recipes/relu_maxpool_adam.py`): early steps are up
    to 6.6 times smaller than Adam's.  Its epsilon is 1e-7, as there.
    """

    def __init__(
        self, network_size: int, dtype: DTypeLike = np.float32, *, weight_decay: float = 0.0
    ) -> None:
        super().__init__(network_size, dtype, epsilon=1e-7, weight_decay=weight_decay)

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        t = int(self.steps[0]) + 1
        super().step(
            parameters, gradient, eta * float(np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t))
        )


def _fraction(what: str, value: float) -> float:
    """Return the value; raise InputError unless it is at least 0 and below 1."""
    if not 0 <= value < 1:
        raise InputError(f"{what} is {value:g}: it must be at least 0 and below 1")
    return value


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adam-twice": TwiceCorrectedAdam,
}
