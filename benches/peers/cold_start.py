"""Trains a peer's flow on two moons until a test set is likely enough, and prints a line of JSON.

    time python cold_start.py --peer zuko

It is timed from outside, as a whole: `cargo xtask bench --cold-start --peers`. Data, flow, batches, Adam's learning
rate, the target and when it is looked at are those of `benches/flows-bench/src/cold_start.rs`.
"""

import argparse
import json
import sys

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

from peers import PEERS, bench
from processors import restrict
from tasks import task

TASK = "coupling-2"
LEARNING_RATE = 2e-3
ROWS = 16_384

# Held-out rows, the same for every seed, and the mean log-likelihood in nats that training is to reach on them.
TEST_ROWS, TEST_SEED, TARGET = 2_000, 1_000_000, -1.10

# Steps between evaluations, and at most.
EVERY, MOST = 50, 5_000


def arguments():
    parser = argparse.ArgumentParser(description="Train a peer on two moons until a test set is likely enough.")
    parser.add_argument("--peer", required=True, choices=PEERS)
    parser.add_argument("--threads", type=int, default=2, help="threads, and processors left to them")
    parser.add_argument("--seed", type=int, default=1, help="of the data and the weights")
    return parser.parse_args()


def main():
    args = arguments()
    restrict(args.threads)
    made_of = task(TASK)
    peer = bench(args.peer, made_of, args.threads, args.seed)
    from moons import moons
    x, test = peer.rows(moons(ROWS, args.seed)), peer.rows(moons(TEST_ROWS, TEST_SEED))
    step, density = peer.trainer(LEARNING_RATE), peer.density()
    for number in range(1, MOST + 1):
        # The rows are in no order, so they need no shuffling.
        start = (number - 1) * made_of.batch % ROWS
        step(x[start:start + made_of.batch])
        if number % EVERY == 0:
            reached = float(density(test).mean())
            if reached >= TARGET:
                print(json.dumps({"library": peer.name, "steps": number, "log_prob": reached}))
                return
    raise SystemExit(f"the log-likelihood is {reached:.3f} after {MOST} steps, and not {TARGET}")


if __name__ == "__main__":
    main()
