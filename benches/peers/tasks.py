"""The tasks that `bench.py` measures; `xtask/src/bench.rs` and flows-bench know them by the same names."""

from collections import namedtuple

# kind: maf and arspline are autoregressive, coupling and spline are couplings; the splined ones have `bins`.
# hidden: the widths of the hidden layers. batch: rows in a training step and in an evaluation.
# glow is a flow on images: its features are (channels, height, width), its layers (levels, steps of a level).
Task = namedtuple("Task", "kind features layers hidden batch bins")

# Splines act on [-BOUND, BOUND] and are the identity outside.
BOUND = 4.0

# How many samples are drawn at a time.
SAMPLES = 1000

TASKS = {
    "maf-43": Task("maf", 43, 5, (512, 512), 128, None),
    "maf-64": Task("maf", 64, 5, (512, 512), 1024, None),
    "maf-16": Task("maf", 16, 5, (512, 512), 1024, None),
    "maf-256": Task("maf", 256, 5, (512, 512), 1024, None),
    "maf-784": Task("maf", 784, 5, (512, 512), 1024, None),
    "arspline-6": Task("arspline", 6, 5, (128, 128), 512, 8),
    "coupling-2": Task("coupling", 2, 8, (64, 64), 256, None),
    "coupling-6": Task("coupling", 6, 8, (128, 128), 1024, None),
    "coupling-64": Task("coupling", 64, 8, (512, 512), 1024, None),
    "spline-6": Task("spline", 6, 8, (128, 128), 1024, 8),
    "glow-16": Task("glow", (3, 16, 16), (2, 4), (64, 64), 32, None),
}
