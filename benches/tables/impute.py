"""Compares `flows impute` with scikit-learn's imputers on real tables of which cells are removed at random.

    cargo build --release -p flows-cli
    python benches/tables/make.py DIR
    python benches/tables/impute.py DIR --seconds 30

Of the columns of numbers of each table a tenth of the cells is removed. `flows fit --missing model` is fitted to what is left, and its
means are compared with those of `IterativeImputer` and `KNNImputer` by the root mean squared error of the removed cells, each in
standard deviations of its column: lower is better. Of `flows` the draws have intervals too: the share of the removed cells between
the 5 and 95 % quantiles of 100 draws, which should be 90 %, with two standard errors.
"""

import argparse
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

ROOT = Path(__file__).parent.parent.parent
TABLES = ["wine", "breast_cancer", "diabetes", "cars"]
DRAWS = 100


def arguments():
    parser = argparse.ArgumentParser(description="Compare flows impute with scikit-learn's imputers.")
    parser.add_argument("tables", type=Path, metavar="DIR")
    parser.add_argument("--only", nargs="+", metavar="NAME", default=TABLES)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--flows", type=Path, default=ROOT / "target/release/flows")
    return parser.parse_args()


def compared(name, args):
    frame = pd.read_csv(args.tables / f"{name}.csv").select_dtypes("number").dropna()
    frame = frame[[column for column in frame if frame[column].nunique() > 10]].astype(float)
    rng = np.random.default_rng(args.seed)
    removed = rng.random(frame.shape) < 0.1
    holes = frame.mask(removed)
    sd = frame.std().to_numpy()
    truth = frame.to_numpy()

    def error(filled):
        return math.sqrt(np.mean((((filled - truth) / sd)[removed]) ** 2))

    found = {
        "mean": error(holes.fillna(holes.mean()).to_numpy()),
        "KNNImputer": error(standardised(holes, KNNImputer(n_neighbors=5))),
        "IterativeImputer": error(standardised(holes, IterativeImputer(max_iter=30, random_state=0))),
    }
    with tempfile.TemporaryDirectory() as folder:
        table, model = Path(folder) / "t.csv", Path(folder) / "m.flow"
        holes.to_csv(table, index=False)

        def flows(*words):
            subprocess.run([str(args.flows), *map(str, words)], check=True, capture_output=True)

        flows("fit", table, "--missing", "model", "--time", f"{args.seconds}s", "--seed", args.seed, "-o", model)
        flows("impute", model, table, "--mean", "-o", Path(folder) / "mean.csv")
        flows("impute", model, table, "-k", DRAWS, "-o", Path(folder) / "draw.csv")
        found["flows"] = error(pd.read_csv(Path(folder) / "mean.csv").to_numpy())
        drawn = np.stack([pd.read_csv(Path(folder) / f"draw-{i}.csv").to_numpy() for i in range(1, DRAWS + 1)])
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    inside = ((truth >= low) & (truth <= high))[removed]
    share = inside.mean()
    return removed.sum(), found, share, 2.0 * math.sqrt(share * (1.0 - share) / len(inside))


def standardised(holes, imputer):
    mean, sd = holes.mean(), holes.std()
    return imputer.fit_transform((holes - mean) / sd) * sd.to_numpy() + mean.to_numpy()


def main():
    args = arguments()
    for name in args.only:
        cells, found, share, error = compared(name, args)
        figures = "  ".join(f"{model} {value:.3f}" for model, value in found.items())
        print(f"{name:14} {cells:5} cells  {figures}  in the middle 90 %: {100 * share:.1f} ± {100 * error:.1f} %", flush=True)


if __name__ == "__main__":
    main()
