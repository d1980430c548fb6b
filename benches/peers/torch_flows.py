"""Flows of zuko and nflows from a task, and the three things that are measured on them.

Both leave the base a fixed standard normal, so that `parameters()` holds the networks alone.
"""

import warnings
from functools import partial

import torch
import zuko
from nflows.distributions import StandardNormal
from nflows.flows import Flow
from nflows.nn.nets import MLP
from nflows.transforms import (AffineCouplingTransform, BatchNorm, CompositeTransform,
                               MaskedAffineAutoregressiveTransform,
                               MaskedPiecewiseRationalQuadraticAutoregressiveTransform,
                               PiecewiseRationalQuadraticCouplingTransform, ReversePermutation)
from nflows.utils.torchutils import create_alternating_binary_mask
from zuko.transforms import MonotonicRQSTransform

from tasks import BOUND, SAMPLES


# nflows would have the couplings' splines start near the identity; what they cost is the same.
warnings.filterwarnings("ignore", message="Inputs to the softmax are not scaled down")


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


class Nflows:
    """A flow of nflows: autoregressive layers with a reversal after each, or couplings on alternating features."""

    name = "nflows 0.14"

    def __init__(self, task, dropout=0.0, batch_norm=None):
        layers = []
        for i in range(task.layers):
            layers += nflows_layer(task, i, dropout, batch_norm)
        self.module = Flow(CompositeTransform(layers), StandardNormal([task.features]))

    def log_prob(self, x):
        return self.module.log_prob(x)

    def sample(self, count):
        return self.module.sample(count)


def nflows_layer(task, i, dropout, batch_norm):
    spline = dict(num_bins=task.bins, tails="linear", tail_bound=BOUND) if task.bins else {}
    if task.kind in ("maf", "arspline"):
        width, *others = task.hidden
        if any(other != width for other in others):
            raise SystemExit(f"the hidden layers of nflows' masked networks have one width, not {task.hidden}")
        make = MaskedPiecewiseRationalQuadraticAutoregressiveTransform if spline \
            else MaskedAffineAutoregressiveTransform
        # The first hidden layer is not among the blocks that nflows counts.
        layer = make(features=task.features, hidden_features=width, num_blocks=len(others), use_residual_blocks=False,
                     dropout_probability=dropout, use_batch_norm=batch_norm in ("network", "both"), **spline)
        normalised = [BatchNorm(task.features)] if batch_norm in ("layers", "both") else []
        return [layer, *normalised, ReversePermutation(task.features)]
    if dropout or batch_norm:
        raise SystemExit("the plain networks of nflows' couplings have neither dropout nor batch normalisation")
    make = PiecewiseRationalQuadraticCouplingTransform if spline else AffineCouplingTransform
    mask = create_alternating_binary_mask(task.features, even=i % 2 == 0)
    return [make(mask, lambda inputs, outputs: PlainNet([inputs], [outputs], list(task.hidden)), **spline)]


class PlainNet(MLP):
    """nflows' MLP, which takes no context, where nflows hands one on."""

    def forward(self, x, context=None):
        return super().forward(x)


PEERS = {"zuko": Zuko, "nflows": Nflows}


class Bench:
    """What `bench.py` times: each method returns a function without arguments."""

    def __init__(self, peer, task, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self.flow = PEERS[peer](task)
        self.x = torch.randn(task.batch, task.features)
        self.name, self.params = self.flow.name, params(self.flow)

    def train(self):
        # Fused is one keyword away and the quickest of torch's Adams.
        optimizer = torch.optim.Adam(self.flow.module.parameters(), lr=1e-3, fused=True)
        self.flow.module.train()

        def step():
            optimizer.zero_grad()
            loss = -self.flow.log_prob(self.x).mean()
            loss.backward()
            optimizer.step()
        return step

    def log_prob(self):
        return self._evaluate(lambda: self.flow.log_prob(self.x))

    def sample(self):
        return self._evaluate(lambda: self.flow.sample(SAMPLES))

    def _evaluate(self, run):
        self.flow.module.eval()
        return torch.no_grad()(run)

    def description(self):
        """A line a linear layer: its shape, and how much of it the mask keeps."""
        for path, module in self.flow.module.named_modules():
            if hasattr(module, "weight") and module.weight.dim() == 2:
                outputs, inputs = module.weight.shape
                mask = getattr(module, "mask", None)
                kept = "" if mask is None else f", {100 * mask.float().mean():.1f} % kept"
                yield f"{path}: {inputs} -> {outputs}{kept}"


def params(flow):
    """How many numbers are trained; masked ones count, as each library stores them."""
    return sum(p.numel() for p in flow.module.parameters() if p.requires_grad)
