"""How a gradient moves the weights: the updates that came in place of a plain step.

All work on the flat vectors of a network, in place, with buffers allocated once.  `eta` is one rate
for all parameters or a rate for each, as the steps of `sdlm.step_sizes`, so that each update goes
with the method of appendix C as with a global rate.
"""

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import Array
from ..files import InputError


class Optimizer:
    """An update of the parameters; its state starts at 0.

    Args:
        network_size: number of parameters.
        dtype: that of the network.
        weight_decay: lambda; lambda * w is added to the gradient of every parameter, biases and all
            (the penalty lambda/2 ||w||^2), before anything else.

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
        """Move `parameters` (network_size,) in place by one step; `gradient` is overwritten."""
        if self.weight_decay:
            np.multiply(parameters, self.weight_decay, self.scratch)
            np.add(gradient, self.scratch, gradient)
        self.step(parameters, gradient, eta)

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        """The update itself, by the gradient with the weight decay in it."""
        raise NotImplementedError

    def state(self) -> dict[str, Array]:
        """The arrays that a checkpoint saves and, copied back into, restores."""
        return {}


class SGD(Optimizer):
    """w <- w - eta g: eq. 18 with a step for each parameter, plain gradient descent with one."""

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        np.multiply(gradient, eta, gradient)
        np.subtract(parameters, gradient, parameters)


class Momentum(Optimizer):
    """v <- momentum * v - eta g; w <- w + v (Polyak 1964)."""

    def __init__(
        self,
        network_size: int,
        dtype: DTypeLike = np.float32,
        *,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(network_size, dtype, weight_decay=weight_decay)
        self.momentum = _fraction("momentum", momentum)
        self.velocity = np.zeros(network_size, dtype)

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        np.multiply(gradient, eta, gradient)
        np.multiply(self.velocity, self.momentum, self.velocity)
        np.subtract(self.velocity, gradient, self.velocity)
        np.add(parameters, self.velocity, parameters)

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
        """Take g^2 into the squares."""
        np.multiply(gradient, gradient, self.scratch)
        np.add(self.squares, self.scratch, self.squares)

    def step(self, parameters: Array, gradient: Array, eta: float | Array) -> None:
        self.accumulate(gradient)
        np.sqrt(self.squares, self.scratch)
        np.add(self.scratch, self.epsilon, self.scratch)
        np.divide(gradient, self.scratch, gradient)
        np.multiply(gradient, eta, gradient)
        np.subtract(parameters, gradient, parameters)

    def state(self) -> dict[str, Array]:
        return {"squares": self.squares}


class RMSProp(AdaGrad):
    """s <- decay * s + (1 - decay) g^2; the rest as AdaGrad's.

    The decay of 0.9 is that of Hinton's lecture 6e (2012), who proposed it; libraries differ.
    """

    def __init__(
        self,
        network_size: int,
        dtype: DTypeLike = np.float32,
        *,
        decay: float = 0.9,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(network_size, dtype, epsilon=epsilon, weight_decay=weight_decay)
        self.decay = _fraction("decay", decay)

    def accumulate(self, gradient: Array) -> None:
        """Forget some of the squares, take the rest of g^2."""
        np.multiply(self.squares, self.decay, self.squares)
        np.multiply(gradient, gradient, self.scratch)
        np.multiply(self.scratch, 1 - self.decay, self.scratch)
        np.add(self.squares, self.scratch, self.squares)


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
        np.multiply(self.mean, self.beta1, self.mean)
        np.multiply(gradient, 1 - self.beta1, self.scratch)
        np.add(self.mean, self.scratch, self.mean)
        np.multiply(self.square, self.beta2, self.square)
        np.multiply(gradient, gradient, self.scratch)
        np.multiply(self.scratch, 1 - self.beta2, self.scratch)
        np.add(self.square, self.scratch, self.square)
        np.divide(self.square, 1 - self.beta2**t, self.scratch)
        np.sqrt(self.scratch, self.scratch)
        np.add(self.scratch, self.epsilon, self.scratch)
        np.divide(self.mean, 1 - self.beta1**t, gradient)
        np.divide(gradient, self.scratch, gradient)
        np.multiply(gradient, eta, gradient)
        np.subtract(parameters, gradient, parameters)

    def state(self) -> dict[str, Array]:
        return {"mean": self.mean, "square": self.square, "steps": self.steps}


def _fraction(what: str, value: float) -> float:
    """The value; InputError where it is not within 0 and 1, 1 excluded."""
    if not 0 <= value < 1:
        raise InputError(f"{what} is {value:g}: it must be at least 0 and below 1")
    return value


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
}
