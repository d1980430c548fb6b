"""The peers by name."""

PEERS = ["zuko", "nflows", "flowjax", "normflows"]

# Those that have flows on images, or the parts of one.
IMAGES = ["nflows", "normflows"]


def bench(peer, task, threads, seed=0):
    """What is measured of a peer on a task, after `processors.restrict(threads)`."""
    if task.kind == "glow" and peer not in IMAGES:
        raise SystemExit(f"{peer} has no flows on images; {' and '.join(IMAGES)} have")
    # Only what is measured is imported: torch and JAX would count as each other's memory.
    if peer == "flowjax":
        from jax_flows import Bench
        return Bench(task, seed)
    from torch_flows import Bench
    return Bench(peer, task, threads, seed)
