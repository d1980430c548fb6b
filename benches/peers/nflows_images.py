"""Flows of nflows on images from a task: Glow, of the parts that nflows has for it."""

import warnings

from nflows.distributions import StandardNormal
from nflows.flows import Flow
from nflows.transforms import (ActNorm, AffineCouplingTransform, CompositeTransform, MultiscaleCompositeTransform,
                               OneByOneConvolution, SqueezeTransform)
from nflows.utils.torchutils import create_mid_split_binary_mask
from torch import nn

# nflows inverts its 1x1 convolutions by a function that torch will drop.
warnings.filterwarnings("ignore", message="torch.triangular_solve is deprecated")


class NflowsGlow:
    """Scales of a squeeze and then steps; half of the channels leave at the end of each scale but the last."""

    name = "nflows 0.14"

    def __init__(self, task):
        width, *others = task.hidden
        assert all(other == width for other in others), "the networks of Glow have one width"
        scales, shape = MultiscaleCompositeTransform(task.scales), (task.features, task.size, task.size)
        for _ in range(task.scales):
            channels, height, side = 4 * shape[0], shape[1] // 2, shape[2] // 2
            steps = [part for _ in range(task.layers) for part in step(channels, width)]
            shape = scales.add_transform(CompositeTransform([SqueezeTransform(), *steps]), (channels, height, side))
        # Its latents are one row. nflows draws no samples of normal distributions that are trained.
        self.module = Flow(scales, StandardNormal([task.features * task.size**2]))

    def log_prob(self, x):
        return self.module.log_prob(x)

    def sample(self, count):
        return self.module.sample(count)


def step(channels, width):
    mask = create_mid_split_binary_mask(channels)
    coupling = AffineCouplingTransform(mask, lambda inputs, outputs: Convolutions(inputs, outputs, width))
    return [ActNorm(channels), OneByOneConvolution(channels), coupling]


class Convolutions(nn.Sequential):
    """The network of Glow, which takes no context, where nflows hands one on."""

    def __init__(self, inputs, outputs, width):
        super().__init__(nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 1), nn.ReLU(),
                         nn.Conv2d(width, outputs, 3, padding=1))

    def forward(self, x, context=None):
        return super().forward(x)
