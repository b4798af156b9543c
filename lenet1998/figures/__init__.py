"""The pictures: one function each, data in, a matplotlib Figure out, in one style."""

from .learning import figure5

__all__ = ["figure5"]
