"""Flows of zuko, nflows and normflows from a task, and what is measured on them.

All leave the base a fixed standard normal on tables, so that `parameters()` holds the networks alone.
"""

import torch

from tasks import SAMPLES


def make(peer, task, **options):
    """The flow of a peer: `name`, `module`, `log_prob(x)` and `sample(count)`."""
    # Only what is measured is imported: the others would count as its memory, and as its time to start.
    if peer == "zuko":
        from zuko_flows import Zuko
        return Zuko(task, **options)
    if peer == "nflows" and task.kind == "glow":
        from nflows_images import NflowsGlow
        return NflowsGlow(task, **options)
    if peer == "nflows":
        from nflows_flows import Nflows
        return Nflows(task, **options)
    if task.kind == "glow":
        from glow import Glow
        return Glow(task, **options)
    from normflows_flows import Normflows
    return Normflows(task, **options)


class Bench:
    """What `bench.py` times: `train`, `log_prob` and `sample` return functions without arguments."""

    def __init__(self, peer, task, threads, seed=0):
        torch.set_num_threads(threads)
        torch.manual_seed(seed)
        self.flow = make(peer, task)
        self.x = torch.randn(task.batch, *shape(task))
        self.name, self.backend, self.params = self.flow.name, "torch", params(self.flow)
        if task.kind == "glow":
            # The first batch sets the ActNorms, whatever is measured first.
            self.density()(self.x)

    def trainer(self, rate):
        """A step of training on the rows that it is given."""
        # Fused is one keyword away and the quickest of torch's Adams.
        optimizer = torch.optim.Adam(self.flow.module.parameters(), lr=rate, fused=True)
        self.flow.module.train()

        def step(x):
            optimizer.zero_grad()
            loss = -self.flow.log_prob(x).mean()
            loss.backward()
            optimizer.step()
        return step

    def density(self):
        """The log-density of the rows that it is given."""
        return self._evaluate(self.flow.log_prob)

    def train(self):
        step = self.trainer(1e-3)
        return lambda: step(self.x)

    def log_prob(self):
        density = self.density()
        return lambda: density(self.x)

    def sample(self):
        sample = self._evaluate(self.flow.sample)
        return lambda: sample(SAMPLES)

    def _evaluate(self, function):
        # No layer of a task is another one in training, so that steps and evaluations may alternate.
        self.flow.module.eval()
        return torch.no_grad()(function)

    def rows(self, array):
        """Rows of numpy as the flow takes them."""
        return torch.tensor(array, dtype=torch.float32)

    def description(self):
        """A line a layer with a matrix: its shape, and how much of it the mask keeps."""
        for path, module in self.flow.module.named_modules():
            if isinstance(getattr(module, "weight", None), torch.Tensor) and module.weight.dim() in (2, 4):
                outputs, inputs, *kernel = module.weight.shape
                size = f", {kernel[0]}x{kernel[1]}" if kernel else ""
                mask = getattr(module, "mask", None)
                kept = "" if mask is None else f", {100 * mask.float().mean():.1f} % kept"
                yield f"{path}: {inputs} -> {outputs}{size}{kept}"


def shape(task):
    """Of a row."""
    return (task.features, task.size, task.size) if task.kind == "glow" else (task.features,)


def params(flow):
    """How many numbers are trained; masked ones count, as each library stores them."""
    return sum(p.numel() for p in flow.module.parameters() if p.requires_grad)
