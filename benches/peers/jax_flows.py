"""Flows of FlowJAX from a task, and the three things that are measured on them, each compiled as a whole."""

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
    """What `bench.py` times: each method returns a function without arguments."""

    name = f"flowjax {version('flowjax')}"

    def __init__(self, task):
        self.key, flow_key, x_key = jr.split(jr.key(0), 3)
        # As FlowJAX's own `fit_to_data` tells what is trained from what is not.
        self.trained, self.static = eqx.partition(
            flow(flow_key, task), eqx.is_inexact_array, is_leaf=lambda leaf: isinstance(leaf, paramax.NonTrainable))
        self.x = jr.normal(x_key, (task.batch, task.features))
        self.params = sum(leaf.size for leaf in jax.tree.leaves(self.trained))

    def train(self):
        optimizer = optax.adam(1e-3)
        # The step is given its memory to write over, so it must not be that of the other measurements.
        trained = jax.tree.map(jnp.copy, self.trained)
        moments = optimizer.init(trained)

        def loss(trained, x):
            return -eqx.combine(trained, self.static).log_prob(x).mean()

        def update(trained, moments, x):
            value, gradient = jax.value_and_grad(loss)(trained, x)
            updates, moments = optimizer.update(gradient, moments, trained)
            return eqx.apply_updates(trained, updates), moments, value

        compiled = jax.jit(update, donate_argnums=(0, 1))

        def step():
            nonlocal trained, moments
            trained, moments, value = compiled(trained, moments, self.x)
            jax.block_until_ready((trained, moments, value))
        return step

    def log_prob(self):
        compiled = jax.jit(lambda trained, x: eqx.combine(trained, self.static).log_prob(x))
        return lambda: compiled(self.trained, self.x).block_until_ready()

    def sample(self):
        compiled = jax.jit(lambda trained, key: eqx.combine(trained, self.static).sample(key, (SAMPLES,)))
        return lambda: compiled(self.trained, self.key).block_until_ready()

    def description(self):
        """A line an array: FlowJAX holds those of all layers as one, with the layers as the first axis."""
        whole = eqx.combine(self.trained, self.static)
        for path, leaf in jax.tree_util.tree_leaves_with_path(whole):
            if eqx.is_array(leaf):
                kept = f", {100 * leaf.mean():.1f} % kept" if leaf.dtype == bool else ""
                yield f"{jax.tree_util.keystr(path)}: {leaf.shape} {leaf.dtype}{kept}"
