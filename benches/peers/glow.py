"""Flows of normflows on images.

The architecture is that of normflows' own example, `glow_colab`: a level is a squeeze and then `steps` GlowBlocks, and
half of the channels leave at its end as latents, but for the last level. From data to latents is normflows' `inverse`.
"""

import warnings
from importlib.metadata import version

import normflows as nf

# normflows makes its 1x1 convolutions by a function that torch will drop.
warnings.filterwarnings("ignore", message="torch.lu is deprecated")

NAME = f"normflows {version('normflows')}"

# The example has diagonal Gaussians, with a mean and a deviation for each latent value and class; `diagonal` is the
# same without classes. `channel` has them for each channel, as in the paper, and `standard` has nothing to train.
BASES = {
    "diagonal": nf.distributions.DiagGaussian,
    "channel": nf.distributions.GlowBase,
    "standard": lambda shape: nf.distributions.DiagGaussian(shape, trainable=False),
}


def glow(channels, height, width, levels, steps, hidden, base="diagonal", transform=None):
    """A Glow on images. normflows counts levels from the latents: `flows[0]` is applied to data last."""
    q0, flows, merges = [], [], []
    for level in range(levels - 1, -1, -1):
        # Each earlier level has made four channels of one and handed on half of them.
        squeezed, side = 4 * channels * 2**level, 2 ** (level + 1)
        blocks = [nf.flows.GlowBlock(squeezed, hidden, scale=True, split_mode="channel") for _ in range(steps)]
        flows.append([*blocks, nf.flows.Squeeze()])
        last = level == levels - 1
        q0.append(BASES[base]((squeezed if last else squeezed // 2, height // side, width // side)))
        if not last:
            merges.append(nf.flows.Merge())
    return nf.MultiscaleFlow(q0, flows, merges, transform, class_cond=False)


def params(flow):
    """How many numbers are trained. L and U count as the full matrices that normflows stores."""
    return sum(p.numel() for p in flow.parameters() if p.requires_grad)


class Glow:
    """A Glow from a task."""

    name = NAME

    def __init__(self, task):
        width, *others = task.hidden
        assert all(other == width for other in others), "the networks of normflows' GlowBlock have one width"
        self.module = glow(task.features, task.size, task.size, task.scales, task.layers, width)

    def log_prob(self, x):
        # `log_prob` wants the classes too, and there are none.
        return self.module.log_prob(x, None)

    def sample(self, count):
        return self.module.sample(count)[0]
