"""The tasks that `bench.py` measures, by the names and in the words of flows-bench."""

from argparse import ArgumentTypeError
from collections import namedtuple
from pathlib import Path

# kind: maf and arspline are autoregressive, coupling and spline are couplings; the splined ones have `bins`.
# hidden: the widths of the hidden layers. batch: rows in a training step and in an evaluation.
# glow is a flow on images of `features` channels and `size` x `size` pixels, of so many `scales` of `layers` steps.
Task = namedtuple("Task", "kind features layers hidden batch bins size scales", defaults=[None] * 3)

# Splines act on [-BOUND, BOUND] and are the identity outside.
BOUND = 4.0

# How many samples are drawn at a time.
SAMPLES = 1000

ALWAYS = {"features", "layers", "hidden", "batch"}
KINDS = {"coupling": set(), "spline": {"bins"}, "maf": set(), "arspline": {"bins"}, "glow": {"size", "scales"}}

LIST = Path(__file__).parent.parent / "flows-bench" / "tasks.txt"


def named():
    """What each name stands for."""
    lines = (line.split() for line in LIST.read_text().splitlines() if not line.startswith("#"))
    return dict(line for line in lines if line)


def task(text):
    """A task by its name, or by what it is made of: `coupling:features=6,layers=8,hidden=128,batch=256`."""
    known = named()
    kind, _, numbers = known.get(text, text).partition(":")
    if kind not in KINDS:
        raise ArgumentTypeError(f"{text}: no such task; there are {', '.join(known)}, or kind:key=number,..")
    try:
        given = {key: int(number) for key, number in (pair.split("=") for pair in numbers.split(","))}
    except ValueError:
        raise ArgumentTypeError(f"{text}: expected key=number,.. after the kind") from None
    if set(given) != ALWAYS | KINDS[kind] or min(given.values()) < 1:
        keys = ", ".join(sorted(ALWAYS | KINDS[kind]))
        raise ArgumentTypeError(f"{text}: a task of the kind {kind} has {keys}, each at least 1")
    return Task(kind, **{**given, "hidden": (given["hidden"],) * 2})
