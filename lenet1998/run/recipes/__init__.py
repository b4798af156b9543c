"""Recipes: five published course projects called LeNet, as settings, with their reported numbers.

Each module has one project.  Its docstring says what the report states, what is a reading of it,
and what differs here.  Epochs of the reports are counted from 1, as passes are.
"""

from . import (
    batchnorm_fashion,
    relu_avgpool_momentum,
    relu_maxpool_adam,
    sdlm_avgpool,
    sigmoid_softmax,
)
from .recipe import Recipe

RECIPES: dict[str, Recipe] = {
    **sigmoid_softmax.RECIPES,
    **batchnorm_fashion.RECIPES,
    **relu_maxpool_adam.RECIPES,
    **relu_avgpool_momentum.RECIPES,
    **sdlm_avgpool.RECIPES,
}

__all__ = ["RECIPES", "Recipe"]
