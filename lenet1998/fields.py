"""A setting is declared once, as a dataclass field: default, choices or limits, help, section.

Everything else is made from the declaration: the check of a value and its error message, the flag
with its help (`cli/flags.py`), the entry in config.json, and the part of a run's folder name.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import Field, dataclass, field, fields, is_dataclass
from reprlib import repr as short
from typing import Any, get_args

from .files import InputError, did_you_mean

KEY = "setting"  # of a field's metadata
KINDS = {bool: "True or False", int: "a whole number", float: "a number", str: "text"}
OTHER_NAMES = {  # that other programs give to settings and flags
    "augment": "patterns", "batch": "batch_size", "cpus": "jobs",
    "epochs": "passes", "eta": "learning_rate", "folder": "out", "iterations": "passes",
    "loss": "criterion", "lr": "learning_rate", "max_epochs": "passes", "model": "weights",
    "n_epochs": "passes", "output_dir": "out", "pool": "subsampling", "pooling": "subsampling",
    "results": "out", "workers": "jobs",
}  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """What a field declares besides its type and its default.

    Attributes:
        help: one line for `--help`.
        section: the heading of its flag in `--help`.
        choices: the values it may have; empty where `limits` say it.
        limits: smallest and largest number; of a tuple, those of its numbers.
        needs: another setting and the values of it that this one belongs to, or the other alone
            if it must be on: otherwise this setting must keep its default.
        flag: whether it has a flag made from it.
        in_name: whether a run's folder name shows it.
    """

    help: str
    section: str
    choices: tuple[Any, ...] = ()
    limits: tuple[float, float] | None = None
    needs: tuple[str, ...] = ()
    flag: bool = True
    in_name: bool = True


def setting(
    default: Any,
    *,
    help: str,
    section: str,
    choices: Sequence[Any] = (),
    limits: tuple[float, float] | None = None,
    needs: tuple[str, ...] = (),
    flag: bool = True,
    in_name: bool = True,
) -> Any:
    """A dataclass field that declares a setting; the arguments are those of `Setting`."""
    declared = Setting(help, section, tuple(choices), limits, needs, flag, in_name)
    return field(default=default, metadata={KEY: declared})


def settings_of(kind: type) -> "dict[str, Field[Any]]":
    """Every setting of a dataclass by name, with those of the dataclasses that it holds."""
    found: dict[str, Field[Any]] = {}
    for one in fields(kind):
        if KEY in one.metadata:
            found[one.name] = one
        elif isinstance(one.type, type) and is_dataclass(one.type):
            found.update(settings_of(one.type))
    return found


def values_of(instance: Any) -> dict[str, Any]:
    """Every setting's value by name, with those of the dataclasses that the instance holds."""
    found: dict[str, Any] = {}
    for one in fields(instance):
        value = getattr(instance, one.name)
        found.update({one.name: value} if KEY in one.metadata else values_of(value))
    return found


def check(instance: Any) -> None:
    """Check the dataclass's own settings against their declarations.

    Raises:
        InputError: a value of another type, outside its choices or limits, or of a setting that
            does not belong to the others.
    """
    for one in fields(instance):
        if KEY in one.metadata and not _fits(one, value := getattr(instance, one.name)):
            near = did_you_mean(str(value), filter(None, map(str, one.metadata[KEY].choices)))
            raise InputError(f"{one.name} is {short(value)}: expected {expected(one)}{near}")
    for one in fields(instance):
        needs = one.metadata[KEY].needs if KEY in one.metadata else ()
        if not needs or getattr(instance, one.name) == one.default:
            continue
        other, *values = needs
        there = getattr(instance, other)
        if there not in (values or (True,)):
            owner = f"{flag_name(other)} {' or '.join(values)}".strip()
            raise InputError(
                f"{flag_name(one.name)} belongs to {owner}, not to {there}: remove it, or choose "
                f"{owner}"
            )


def parse(one: "Field[Any]", text: str) -> Any:
    """The value that a flag's text stands for.

    Raises:
        InputError: no such number, or outside the limits.
    """
    kind = number_type(one)
    try:
        found = tuple(kind(part) for part in text.split(","))
        value = kind(text) if one.type in KINDS else found
        if _fits(one, value):
            return value
    except ValueError:
        pass
    raise InputError(f"{short(text)} is not {expected(one)}")


def expected(one: "Field[Any]") -> str:
    """What the values of a setting are, for help and errors."""
    declared: Setting = one.metadata[KEY]
    if declared.choices:
        return "one of " + ", ".join(str(choice) for choice in declared.choices if choice != "")
    what = KINDS[number_type(one)]
    if declared.limits:
        low, high = (str(n) if isinstance(n, int) else f"{n:g}" for n in declared.limits)
        what += f" from {low} to {high}"
    return what if one.type in KINDS else f"{what}, or several separated by commas"


def number_type(one: "Field[Any]") -> type:
    """The type of a setting's value; of a tuple, that of its items."""
    kind: type = one.type if one.type in KINDS else get_args(one.type)[0]
    return kind


def not_known(name: str, known: Iterable[str]) -> str:
    """The message for the name of a setting that there is not."""
    return f"the setting {name!r} is not known{did_you_mean(OTHER_NAMES.get(name, name), known)}"


def flag_name(name: str) -> str:
    """The flag of a setting: train_size is --train-size."""
    return f"--{name.replace('_', '-')}"


def differences(instance: Any, usual: Any) -> list[str]:
    """The values that are not those of `usual`, as name=value; the names as in the flags."""
    found, usual_values, declared = [], values_of(usual), settings_of(type(instance))
    for name, value in values_of(instance).items():
        if value != usual_values[name] and declared[name].metadata[KEY].in_name:
            several = isinstance(value, tuple)
            text = ",".join(f"{item:g}" for item in value) if several else str(value)
            found.append(f"{name.replace('_', '-')}={text}")
    return found


def shortened(parts: Sequence[str], longest: int = 60) -> list[str]:
    """The parts that fit into `longest` characters; 8 digits of SHA-256 stand for the others."""
    kept = len(parts)
    while len("-".join(parts[:kept])) > longest:
        kept -= 1
    rest = "-".join(parts[kept:])
    digest = [hashlib.sha256(rest.encode()).hexdigest()[:8]] if rest else []
    return [*parts[:kept], *digest]


def _fits(one: "Field[Any]", value: Any) -> bool:
    """Whether a value has the declared type and is within the choices or the limits."""
    declared: Setting = one.metadata[KEY]
    kind = number_type(one)
    items: Any = (value,)
    if one.type not in KINDS:  # a tuple
        if not isinstance(value, tuple) or (one.default and not value):
            return False
        items = value
    for item in items:
        if type(item) is not kind and not (kind is float and type(item) is int):
            return False
        if declared.choices and item not in declared.choices:
            return False
    low, high = declared.limits or (None, None)
    return low is None or all(low <= item <= high for item in items)
