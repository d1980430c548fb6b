"""Flows of FlowJAX from a task, and what is measured on them, each compiled as a whole."""

from importlib.metadata import version

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import optax
import paramax
from flowjax.bijections import RationalQuadraticSpline
from flowjax.distributions import StandardNormal
from flowjax.flows import coupling_flow, masked_autoregressive_flow

from tasks import BOUND, SAMPLES


def flow(key, task):
    """`invert` makes the density the direction of one pass. Features are permuted at random between the layers."""
    width, *others = task.hidden
    assert all(other == width for other in others), "FlowJAX's networks have one width"
    options = dict(base_dist=StandardNormal((task.features,)), flow_layers=task.layers, nn_width=width,
                   nn_depth=len(task.hidden), invert=True)
    if task.bins:
        # Its knots are those inside the interval: eight bins have seven.
        options["transformer"] = RationalQuadraticSpline(knots=task.bins - 1, interval=BOUND)
    make = masked_autoregressive_flow if task.kind in ("maf", "arspline") else coupling_flow
    return make(key, **options)


class Bench:
    """What `bench.py` times: `train`, `log_prob` and `sample` return functions without arguments."""

    name = f"flowjax {version('flowjax')}"
    backend = "jax"

    def __init__(self, task, seed=0):
        self.key, flow_key, x_key = jr.split(jr.key(seed), 3)
        # As FlowJAX's own `fit_to_data` tells what is trained from what is not.
        self.trained, self.static = eqx.partition(
            flow(flow_key, task), eqx.is_inexact_array, is_leaf=lambda leaf: isinstance(leaf, paramax.NonTrainable))
        self.x = jr.normal(x_key, (task.batch, task.features))
        self.params = sum(leaf.size for leaf in jax.tree.leaves(self.trained))

    def trainer(self, rate):
        """A step of training on the rows that it is given, which may still run when the function returns."""
        optimizer = optax.adam(rate)
        moments = optimizer.init(self.trained)

        def loss(trained, x):
            return -eqx.combine(trained, self.static).log_prob(x).mean()

        def update(trained, moments, x):
            value, gradient = jax.value_and_grad(loss)(trained, x)
            updates, moments = optimizer.update(gradient, moments, trained)
            return eqx.apply_updates(trained, updates), moments, value

        # The step is given the memory of what it replaces to write over.
        compiled = jax.jit(update, donate_argnums=(0, 1))

        def step(x):
            nonlocal moments
            self.trained, moments, value = compiled(self.trained, moments, x)
            return self.trained, moments, value
        return step

    def density(self):
        """The log-density of the rows that it is given, which may still be computed when the function returns."""
        compiled = jax.jit(lambda trained, x: eqx.combine(trained, self.static).log_prob(x))
        return lambda x: compiled(self.trained, x)

    def train(self):
        step = self.trainer(1e-3)
        return lambda: jax.block_until_ready(step(self.x))

    def log_prob(self):
        density = self.density()
        return lambda: density(self.x).block_until_ready()

    def sample(self):
        compiled = jax.jit(lambda trained, key: eqx.combine(trained, self.static).sample(key, (SAMPLES,)))
        return lambda: compiled(self.trained, self.key).block_until_ready()

    def rows(self, array):
        """Rows of numpy as the flow takes them."""
        return jnp.asarray(array, jnp.float32)

    def description(self):
        """A line an array: FlowJAX holds those of all layers as one, with the layers as the first axis."""
        whole = eqx.combine(self.trained, self.static)
        for path, leaf in jax.tree_util.tree_leaves_with_path(whole):
            if eqx.is_array(leaf):
                kept = f", {100 * leaf.mean():.1f} % kept" if leaf.dtype == bool else ""
                yield f"{jax.tree_util.keystr(path)}: {leaf.shape} {leaf.dtype}{kept}"
