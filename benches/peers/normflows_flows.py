"""Flows of normflows on tables from a task; `glow.py` has those on images.

normflows goes from latents to data, and its `inverse` is the direction of the density.
"""

import warnings
from functools import partial
from importlib.metadata import version

import normflows as nf
from normflows.flows.neural_spline.autoregressive import MaskedPiecewiseRationalQuadraticAutoregressive
from normflows.flows.neural_spline.coupling import PiecewiseRationalQuadraticCoupling
from normflows.utils.masks import create_alternating_binary_mask

from tasks import BOUND

# What the splines cost is the same wherever they start.
warnings.filterwarnings("ignore", message="Inputs to the softmax are not scaled down")


class Normflows:
    """A flow of normflows: autoregressive layers or couplings, and other features kept by each coupling."""

    name = f"normflows {version('normflows')}"

    def __init__(self, task):
        layers = []
        for i in range(task.layers):
            layers += layer(task, i)
        self.module = nf.NormalizingFlow(nf.distributions.DiagGaussian(task.features, trainable=False), layers)

    def log_prob(self, x):
        return self.module.log_prob(x)

    def sample(self, count):
        return self.module.sample(count)[0]


def layer(task, i):
    features = task.features
    spline = dict(num_bins=task.bins, tails="linear", tail_bound=BOUND) if task.bins else {}
    swap = nf.flows.Permute(features, mode="swap")
    if task.kind in ("maf", "arspline"):
        make = MaskedPiecewiseRationalQuadraticAutoregressive if spline else nf.flows.MaskedAffineAutoregressive
        width, *others = task.hidden
        # The first hidden layer is not among the blocks. Reversed, the density takes one pass, and sampling many.
        masked = make(features=features, hidden_features=width, num_blocks=len(others), use_residual_blocks=False,
                      **spline)
        return [nf.flows.Reverse(masked), swap]
    if spline:
        # What `CoupledRationalQuadraticSpline` wraps, which has residual networks alone.
        mask = create_alternating_binary_mask(features, even=i % 2 == 0)
        return [nf.flows.Reverse(PiecewiseRationalQuadraticCoupling(mask, partial(PlainNet, task), **spline))]
    kept = (features + 1) // 2
    return [nf.flows.AffineCouplingBlock(nf.nets.MLP([kept, *task.hidden, 2 * (features - kept)])), swap]


class PlainNet(nf.nets.MLP):
    """normflows' MLP, which takes no context, where normflows hands one on."""

    def __init__(self, task, inputs, outputs):
        super().__init__([inputs, *task.hidden, outputs])

    def forward(self, x, context=None):
        return super().forward(x)
