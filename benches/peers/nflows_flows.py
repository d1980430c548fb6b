"""Flows of nflows from a task."""

import warnings
from functools import partial

from nflows.distributions import StandardNormal
from nflows.flows import Flow
from nflows.nn.nets import MLP
from nflows.transforms import (AffineCouplingTransform, BatchNorm, CompositeTransform,
                               MaskedAffineAutoregressiveTransform,
                               MaskedPiecewiseRationalQuadraticAutoregressiveTransform,
                               PiecewiseRationalQuadraticCouplingTransform, ReversePermutation)
from nflows.utils.torchutils import create_alternating_binary_mask
from torch.nn.functional import softplus

from tasks import BOUND

# nflows would have the couplings' splines start near the identity; what they cost is the same.
warnings.filterwarnings("ignore", message="Inputs to the softmax are not scaled down")


class Nflows:
    """A flow of nflows: autoregressive layers with a reversal after each, or couplings on alternating features."""

    name = "nflows 0.14"

    def __init__(self, task, dropout=0.0, batch_norm=None):
        layers = []
        for i in range(task.layers):
            layers += layer(task, i, dropout, batch_norm)
        self.module = Flow(CompositeTransform(layers), StandardNormal([task.features]))

    def log_prob(self, x):
        return self.module.log_prob(x)

    def sample(self, count):
        return self.module.sample(count)


def layer(task, i, dropout, batch_norm):
    spline = dict(num_bins=task.bins, tails="linear", tail_bound=BOUND) if task.bins else {}
    if task.kind in ("maf", "arspline"):
        width, *others = task.hidden
        if any(other != width for other in others):
            raise SystemExit(f"the hidden layers of nflows' masked networks have one width, not {task.hidden}")
        make = MaskedPiecewiseRationalQuadraticAutoregressiveTransform if spline \
            else MaskedAffineAutoregressiveTransform
        # The first hidden layer is not among the blocks that nflows counts.
        masked = make(features=task.features, hidden_features=width, num_blocks=len(others), use_residual_blocks=False,
                      dropout_probability=dropout, use_batch_norm=batch_norm in ("network", "both"), **spline)
        normalised = [BatchNorm(task.features)] if batch_norm in ("layers", "both") else []
        return [masked, *normalised, ReversePermutation(task.features)]
    if dropout or batch_norm:
        raise SystemExit("the plain networks of nflows' couplings have neither dropout nor batch normalisation")
    mask = create_alternating_binary_mask(task.features, even=i % 2 == 0)
    net = partial(PlainNet, task)
    if spline:
        return [PiecewiseRationalQuadraticCouplingTransform(mask, net, **spline)]
    return [AffineCoupling(mask, net)]


class AffineCoupling(AffineCouplingTransform):
    """nflows' affine coupling, whose scale is 1 at most, with the scale that its masked affine layers have.

    With the other, nothing narrower than the base could be learnt; what they cost is the same.
    """

    def _scale_and_shift(self, params):
        shift, scale = params.split(self.num_transform_features, dim=1)
        return softplus(scale) + 1e-3, shift


class PlainNet(MLP):
    """nflows' MLP, which takes no context, where nflows hands one on."""

    def __init__(self, task, inputs, outputs):
        super().__init__([inputs], [outputs], list(task.hidden))

    def forward(self, x, context=None):
        return super().forward(x)
