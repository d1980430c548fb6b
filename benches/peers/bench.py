"""Measures one peer on one task and prints a line of JSON, with medians in milliseconds.

    python bench.py --peer zuko --task maf-43
    python bench.py --peer flowjax --task coupling-6 --only train --repeats 20
    python bench.py --peer nflows --task maf-43 --describe
    python bench.py --peer normflows --task glow-16

It runs in an environment with what `requirements.txt` names; `cargo xtask bench --peers` makes one. A training step is
the negative log-likelihood of a fixed standard-normal batch, its gradient and Adam's update; log_prob evaluates the
same batch without gradients; sample draws 1,000 rows. `peak_mb` is the whole process, with Python and its libraries.

Nothing else may compute meanwhile: torch's threads seem to wait for each other by spinning, and with one core of two taken away
from them they become ten times slower, not two.
"""

import argparse
import json
import sys

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

from tasks import TASKS
from timing import measure, peak_mb

# Training comes last, because it changes the flow that the others measure.
MEASURES = ["log_prob", "sample", "train"]

# The library of the flows on images.
IMAGE_PEER = "normflows"


def arguments():
    parser = argparse.ArgumentParser(description="Measure a peer on a task.")
    parser.add_argument("--peer", required=True, choices=["zuko", "nflows", "flowjax", IMAGE_PEER])
    parser.add_argument("--task", required=True, choices=TASKS, metavar="NAME", help=", ".join(TASKS))
    parser.add_argument("--threads", type=int, default=2, help="torch's threads; JAX takes what the machine has")
    parser.add_argument("--only", choices=MEASURES, help="measure this alone")
    parser.add_argument("--repeats", type=int, help="timed runs [default: about four seconds of them]")
    parser.add_argument("--max-seconds", type=float, default=300.0, help="the most that a run may take")
    parser.add_argument("--describe", action="store_true", help="measure nothing, list the layers instead")
    return parser.parse_args()


def peer_bench(peer, task, threads):
    # Only what is measured is imported: torch and JAX would count as each other's memory.
    if peer == "flowjax":
        from jax_flows import Bench
        return Bench(task)
    if peer == IMAGE_PEER:
        from glow import Bench
        return Bench(task, threads)
    from torch_flows import Bench
    return Bench(peer, task, threads)


def main():
    args = arguments()
    image = TASKS[args.task].kind == "glow"
    if image != (args.peer == IMAGE_PEER):
        raise SystemExit(f"{args.task}: flows on images are measured in {IMAGE_PEER} alone, and it on them alone")
    bench = peer_bench(args.peer, TASKS[args.task], args.threads)
    if args.describe:
        print(f"{args.task}, {bench.name}: {bench.params} parameters", *bench.description(), sep="\n  ")
        return
    line = {"task": args.task, "library": bench.name}
    for name in ("train", "log_prob", "sample"):
        line[f"{name}_ms"] = line[f"{name}_spread_ms"] = None
    for name in [args.only] if args.only else MEASURES:
        label = f"{args.task}, {bench.name}, {name}"
        median, spread = measure(label, getattr(bench, name)(), args.repeats, args.max_seconds)
        line[f"{name}_ms"], line[f"{name}_spread_ms"] = rounded(median), rounded(spread)
    print(json.dumps({**line, "peak_mb": rounded(peak_mb()), "params": bench.params}))
    sys.stdout.flush()


def rounded(number):
    return None if number is None else round(number, 3)


if __name__ == "__main__":
    main()
