"""A LeNet with batch normalisation on Fashion-MNIST, in NumPy, set beside a PyTorch network.

Stated: pixels from 0 to 1; C1 and C3 (connected to all maps) each followed by batch normalisation,
ReLU and 2x2 max pooling; dense layers of 120, 84 and 10 units; softmax and cross-entropy, the mean
over the batch; weights N(0, 2 / fan-in) in every layer, the last included, biases 0; momentum 0.9
for weights and biases, a constant rate of 0.0005; batches of 64; 5,000 updates, the accuracy on the
test set after each 1,000.  A pass is 1,000 updates here.

Slips, settings here:
- the network never leaves training mode: the test patterns, too, are normalised by the mean and the
  variance of their own batch (`--batch-statistics`);
- gains and shifts of the normalisation get plain steps, without the momentum that the text gives to
  all parameters (`--plain-norm-steps`).

Readings: a random order, a new one for each 64,000 patterns, which begins again when all were seen;
test batches, whose size the report does not give, of 200 patterns, as the package reads them
(`learning.evaluation.BLOCK`).

What differs: numbers are of 32 bits here, of 64 there; the report's moving averages use the biased
variance, but with batch statistics nothing reads them.

The report sets a PyTorch network beside this one: `tests/benchmarks/fashion.py`.
"""

from .recipe import Recipe

RECIPES = {
    "batchnorm-fashion": Recipe(
        "batchnorm-fashion",
        {
            "connections": "full",
            "subsampling": "max",
            "activation": "relu",
            "batch_norm": True,
            "batch_statistics": True,
            "output": "softmax",
            "criterion": "cross-entropy",
            "init": "he",
            "input_range": "unit",
            "optimizer": "momentum",
            "momentum": 0.9,
            "plain_norm_steps": True,
            "schedule": "constant",
            "learning_rate": (0.0005,),
            "order": "shuffled",
            "batch_size": 64,
            "pass_size": 64_000,
            "passes": 5,
        },
        86.12,
        624.0,  # 0.624 s a step, measured by the log's time stamps over 18 steps
        "batch normalisation, Fashion-MNIST",
        "fashion-mnist",
        curve=(80.16, 82.64, 84.62, 85.34, 86.12),
    )
}
