"""Photometric redshifts of pzflow's galaxies, by `flows` and by pzflow itself: the log-likelihood of the true redshift, and how
often it lies within the quantiles.

    cargo build --release -p flows-cli
    python benches/tables/make.py DIR
    python benches/tables/redshifts.py DIR/galaxies.csv --json results.json

Both get the same rows to learn from and the same to report. pzflow is its default flow with its default training, conditioned on
the six magnitudes; its time is that of the whole process, imports and compilation included, as is ours. Nothing else should run
beside it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

ROOT = Path(__file__).parent.parent.parent
GRID = (0.0, 3.0, 3001)
PZFLOW = """
import sys, time
import numpy as np, pandas as pd
from pzflow import Flow
train, test = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
given = [name for name in train if name != "redshift"]
flow = Flow(data_columns=["redshift"], conditional_columns=given)
flow.train(train, verbose=False)
grid = np.linspace(0.0, 3.0, 601)
scores = np.asarray(flow.log_prob(test))
pdfs = np.asarray(flow.posterior(test, column="redshift", grid=grid))
done = time.time()
# Beside the time that counts, as finely as coverage needs.
fine = np.linspace(0.0, 3.0, 3001)
pdfs = np.concatenate([np.asarray(flow.posterior(test[i:i + 500], column="redshift", grid=fine, batch_size=100))
                       for i in range(0, len(test), 500)])
np.savez(sys.argv[3], scores=scores, pdfs=pdfs, done=done)
"""


def arguments():
    parser = argparse.ArgumentParser(description="Photometric redshifts by flows and by pzflow.")
    parser.add_argument("galaxies", type=Path)
    parser.add_argument("--time", default="30s")
    parser.add_argument("--flows", type=Path, default=ROOT / "target/release/flows")
    parser.add_argument("--without-pzflow", action="store_true")
    parser.add_argument("--json", type=Path, metavar="F")
    return parser.parse_args()


def coverage(pdfs, truth):
    """The share of true redshifts within the middle 50 % and 90 % of the densities on the grid."""
    grid = np.linspace(*GRID[:2], GRID[2])
    # By trapezoids.
    cells = (pdfs[:, 1:] + pdfs[:, :-1]) / 2
    cdfs = np.concatenate([np.zeros((len(pdfs), 1)), np.cumsum(cells, axis=1)], axis=1)
    cdfs /= cdfs[:, -1:]
    pit = np.array([np.interp(z, grid, cdf) for z, cdf in zip(truth, cdfs)])
    return {f"coverage_{share}": float(np.mean(np.abs(pit - 0.5) <= share / 200)) for share in (50, 90)}


def figures(scores, pdfs, truth, seconds):
    return {"log_likelihood": float(scores.mean()), "two_standard_errors": float(2 * scores.std(ddof=1) / len(scores) ** 0.5),
            **coverage(pdfs, truth), "seconds": round(seconds, 1)}


def main():
    args = arguments()
    frame = pd.read_csv(args.galaxies)
    order = np.random.default_rng(0).permutation(len(frame))
    test, train = frame.iloc[order[:5000]], frame.iloc[order[5000:]]
    truth = test["redshift"].to_numpy()
    program = str(args.flows.resolve())
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        train.to_csv(folder / "train.csv", index=False)
        test.to_csv(folder / "test.csv", index=False)
        start = time.perf_counter()
        run = lambda *words: subprocess.run([program, *words], cwd=folder, check=True, capture_output=True, text=True)
        run("fit", "train.csv", "--target", "redshift", "--time", args.time, "--output", "z.flow", "--json", "fit.json")
        run("predict", "z.flow", "test.csv", "--grid", "redshift:0:3:601", "--output", "pdfs.npy")
        run("score", "z.flow", "test.csv", "--reasons", "none", "--output", "scores.csv")
        seconds = time.perf_counter() - start
        # Posteriors are narrower than the steps of that grid: coverage is counted on a finer one, beside the time that counts.
        run("predict", "z.flow", "test.csv", "--grid", "redshift:0:3:3001", "--output", "pdfs.npy")
        scores = pd.read_csv(folder / "scores.csv")["log_density"].to_numpy()
        report = {"flows": {"chosen": json.loads((folder / "fit.json").read_text())["chosen"],
                            **figures(scores, np.load(folder / "pdfs.npy"), truth, seconds)}}
        print("flows ", report["flows"], flush=True)
        if not args.without_pzflow:
            start = time.time()
            words = [sys.executable, "-c", PZFLOW, "train.csv", "test.csv", "pzflow.npz"]
            subprocess.run(words, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            found = np.load(folder / "pzflow.npz")
            report["pzflow"] = figures(found["scores"], found["pdfs"], truth, float(found["done"]) - start)
            print("pzflow", report["pzflow"], flush=True)
    if args.json:
        args.json.write_text(json.dumps(report, indent=2) + "\n")


main()
