"""Flows of zuko from a task."""

from functools import partial

import zuko
from zuko.transforms import MonotonicRQSTransform

from tasks import BOUND


class Zuko:
    """A flow of zuko: features in ascending and descending order in turn, or checkered couplings."""

    name = f"zuko {zuko.__version__}"

    def __init__(self, task, dropout=0.0, batch_norm=None):
        if dropout or batch_norm:
            raise SystemExit("zuko's networks have neither dropout nor batch normalisation; leave out the option")
        options = dict(transforms=task.layers, hidden_features=task.hidden)
        if task.bins:
            # As in zuko's NSF, whose bound cannot be chosen. Its couplings (`passes=2`) are masked networks, with
            # outputs also for the features that they keep; a network of the moved ones alone is what RealNVP has.
            options["univariate"] = partial(MonotonicRQSTransform, bound=BOUND, slope=1e-3)
            options["shapes"] = [(task.bins,), (task.bins,), (task.bins - 1,)]
        make = zuko.flows.MAF if task.kind in ("maf", "arspline") else zuko.flows.RealNVP
        self.module = make(task.features, **options)

    def log_prob(self, x):
        return self.module().log_prob(x)

    def sample(self, count):
        return self.module().sample((count,))
