"""Measures one peer on one task and prints a line of JSON, with medians in milliseconds.

    python bench.py --peer zuko --task maf-43
    python bench.py --peer zuko --task coupling:features=6,layers=8,hidden=128,batch=256
    python bench.py --peer flowjax --task coupling-6 --only train,log_prob --repeats 20
    python bench.py --peer nflows --task maf-43 --describe

It runs in an environment with what `requirements.txt` names; `cargo xtask bench --peers` makes one. A training step is
the negative log-likelihood of a fixed standard-normal batch, its gradient and Adam's update; log_prob evaluates the
same batch without gradients; sample draws 1,000 rows. `peak_mb` is the whole process, with Python and its libraries.

Nothing else may compute meanwhile: torch's threads seem to wait for each other by spinning, and with one core of two
taken away from them they become ten times slower, and more, not two.
"""

import argparse
import json
import sys

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

from peers import PEERS, bench
from processors import restrict
from tasks import task
from timing import measure, peak_mb

# Training comes last, because it changes the flow that the others measure.
MEASURES = ["log_prob", "sample", "train"]


def measures(text):
    names = text.split(",")
    if unknown := set(names) - set(MEASURES):
        raise argparse.ArgumentTypeError(f"no {' or '.join(sorted(unknown))}; there are {', '.join(MEASURES)}")
    return [name for name in MEASURES if name in names]


def arguments():
    parser = argparse.ArgumentParser(description="Measure a peer on a task.")
    parser.add_argument("--peer", required=True, choices=PEERS)
    parser.add_argument("--task", required=True, help="its name, or kind:key=number,..; see flows-bench/tasks.txt")
    parser.add_argument("--threads", type=int, default=2, help="threads, and processors left to them")
    parser.add_argument("--only", type=measures, default=MEASURES, metavar="NAME,..", help="measure these alone")
    parser.add_argument("--repeats", type=int, help="timed runs [default: about four seconds of them]")
    parser.add_argument("--max-seconds", type=float, default=300.0, help="the most that a run may take")
    parser.add_argument("--describe", action="store_true", help="measure nothing, list the layers instead")
    args = parser.parse_args()
    try:
        return args, task(args.task)
    except argparse.ArgumentTypeError as error:
        parser.error(error)


def main():
    args, made_of = arguments()
    restrict(args.threads)
    peer = bench(args.peer, made_of, args.threads)
    if args.describe:
        print(f"{args.task}, {peer.name}: {peer.params} parameters", *peer.description(), sep="\n  ")
        return
    line = {"task": args.task, "library": peer.name, "backend": peer.backend}
    for name in ("train", "log_prob", "sample"):
        line[f"{name}_ms"] = line[f"{name}_spread_ms"] = None
    for name in args.only:
        label = f"{args.task}, {peer.name}, {name}"
        median, spread = measure(label, getattr(peer, name)(), args.repeats, args.max_seconds)
        line[f"{name}_ms"], line[f"{name}_spread_ms"] = rounded(median), rounded(spread)
    print(json.dumps({**line, "peak_mb": rounded(peak_mb()), "params": peer.params}))
    sys.stdout.flush()


def rounded(number):
    return None if number is None else round(number, 3)


if __name__ == "__main__":
    main()
