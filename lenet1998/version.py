"""The version of the package, stored in every config.json."""

__version__ = "0.1.0"
