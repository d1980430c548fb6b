"""Compares `flows fit` with a mixture of Gaussians, a kernel estimate and zuko's neural spline flow on real tables.

    cargo build --release -p flows-cli
    python benches/tables/make.py DIR
    python benches/tables/compare.py DIR --seconds 30 --json results.json

Everybody gets the same rows: the columns of numbers, without rows that miss one, with noise of one step of rounding added, so
that a density exists; eight of ten rows to learn from, one to choose by, one to report. The mixture's number of components and
the kernel's bandwidth are chosen on the validation rows; zuko's flow is the autoregressive one of its documentation, trained for
as many seconds as `flows` may take, with the weights that were best on the validation rows. Reported are nats a row of the test
rows, higher is better, and the difference to `flows` with two standard errors of the paired differences. Nothing else should run
beside it.
"""

import argparse
import json
import math
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
# Rows at most: a kernel estimate of more takes hours.
MOST = 20_000


def arguments():
    parser = argparse.ArgumentParser(description="Compare flows with other densities on real tables.")
    parser.add_argument("tables", type=Path, metavar="DIR")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--flows", type=Path, default=ROOT / "target/release/flows")
    parser.add_argument("--json", type=Path, metavar="F")
    return parser.parse_args()


def step(values):
    """The step to which numbers are rounded: a power of ten."""
    for decimals in range(0, 13):
        if np.allclose(values, np.round(values, decimals), rtol=0, atol=10.0 ** (-decimals - 3)):
            return 10.0 ** -decimals
    return 0.0


def rows_of(path, rng):
    """The numbers of a table, in the order of a shuffle, with the noise of one step of rounding."""
    frame = pd.read_csv(path).select_dtypes("number")
    # A column that numbers the rows or holds one value has no density.
    keep = [name for name in frame if frame[name].nunique() > 2 and not (frame[name].diff().dropna() == 1).all()]
    values = frame[keep].dropna().to_numpy(float)
    values = values[rng.permutation(len(values))[:MOST]]
    for column in range(values.shape[1]):
        values[:, column] += rng.uniform(-0.5, 0.5, len(values)) * step(values[:, column])
    # What is a linear function of other columns has no density either.
    standard = (values - values.mean(0)) / values.std(0)
    independent = []
    for column in range(standard.shape[1]):
        chosen = standard[:, [*independent, column]]
        if np.linalg.matrix_rank(chosen, tol=1e-5 * math.sqrt(len(chosen))) == len(independent) + 1:
            independent.append(column)
    return values[:, independent], [keep[column] for column in independent]


def flows(args, parts, names, folder):
    for part, name in zip(parts, ("train", "val", "test")):
        pd.DataFrame(part, columns=names).to_csv(folder / f"{name}.csv", index=False)
    files = [word for name in ("train", "val", "test") for word in (f"--{name}", f"{name}.csv")]
    fit = [str(args.flows.resolve()), "fit", *files, "--as", "*=number", "--time", f"{args.seconds}s", "--seed", str(args.seed),
           "--output", "m.flow", "--json", "fit.json"]
    start = time.perf_counter()
    done = subprocess.run(fit, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(fit)} failed:\n{done.stderr}")
    seconds = time.perf_counter() - start
    score = [str(args.flows.resolve()), "score", "m.flow", "test.csv", "--reasons", "none", "--output", "scores.csv"]
    subprocess.run(score, cwd=folder, capture_output=True, check=True)
    report = json.loads((folder / "fit.json").read_text())
    return pd.read_csv(folder / "scores.csv")["log_density"].to_numpy(), report["chosen"], seconds


def standardised(parts):
    mean, std = parts[0].mean(0), parts[0].std(0)
    return [(part - mean) / std for part in parts], np.log(std).sum()


def mixture(args, parts):
    from sklearn.mixture import GaussianMixture

    (train, val, test), offset = standardised(parts)
    best = None
    for components in (1, 2, 3, 5, 8, 12, 20, 30, 50):
        if components * 5 > len(train):
            break
        model = GaussianMixture(components, reg_covar=1e-6, n_init=2, random_state=args.seed, max_iter=300).fit(train)
        score = model.score(val)
        if best is None or score > best[0]:
            best = (score, components, model)
    return best[2].score_samples(test) - offset, f"{best[1]} components"


def kernel(args, parts):
    from sklearn.neighbors import KernelDensity

    (train, val, test), offset = standardised(parts)
    fitted = lambda width: KernelDensity(bandwidth=width).fit(train)
    some = val[:1000]
    width = max(np.geomspace(0.02, 1.0, 14), key=lambda width: fitted(width).score(some))
    return fitted(width).score_samples(test) - offset, f"bandwidth {width:.3f}"


def zuko(args, parts):
    import copy

    import torch
    from zuko.flows import NSF

    torch.manual_seed(args.seed)
    torch.set_num_threads(2)
    scaled, offset = standardised(parts)
    train, val, test = (torch.tensor(part, dtype=torch.float32) for part in scaled)
    flow = NSF(train.shape[1], transforms=3, hidden_features=(64, 64))
    optimizer = torch.optim.Adam(flow.parameters(), lr=1e-3)
    start, best, epoch, best_epoch, weights = time.perf_counter(), -math.inf, 0, 0, None
    while time.perf_counter() - start < args.seconds and epoch - best_epoch < max(30, 20_000 // len(train) * 10):
        epoch += 1
        for rows in torch.randperm(len(train)).split(256):
            optimizer.zero_grad()
            (-flow().log_prob(train[rows]).mean()).backward()
            torch.nn.utils.clip_grad_norm_(flow.parameters(), 5.0)
            optimizer.step()
        with torch.no_grad():
            reached = flow().log_prob(val).mean().item()
        if reached > best:
            best, best_epoch, weights = reached, epoch, copy.deepcopy(flow.state_dict())
    flow.load_state_dict(weights)
    with torch.no_grad():
        return flow().log_prob(test).double().numpy() - offset, f"{epoch} epochs"


def main():
    args = arguments()
    results = []
    for path in sorted(args.tables.glob("*.csv")):
        if args.only and path.stem not in args.only:
            continue
        rng = np.random.default_rng(args.seed)
        values, names = rows_of(path, rng)
        ends = [int(0.8 * len(values)), int(0.9 * len(values))]
        parts = np.split(values, ends)
        with tempfile.TemporaryDirectory() as folder:
            ours, chosen, seconds = flows(args, parts, names, Path(folder))
        record = {"table": path.stem, "rows": len(values), "columns": len(names), "chosen": chosen, "seconds": round(seconds, 1),
                  "flows": ours.mean(), "two_standard_errors": 2 * ours.std(ddof=1) / math.sqrt(len(ours))}
        line = f"{path.stem:14} {len(values):6} x {len(names):2}  flows ({chosen}) {ours.mean():9.3f} in {seconds:5.1f} s"
        for name, density in (("mixture", mixture), ("kernel", kernel), ("zuko", zuko)):
            scores, detail = density(args, parts)
            difference = ours - scores
            error = 2 * difference.std(ddof=1) / math.sqrt(len(difference))
            verdict = "better" if difference.mean() > error else "worse" if difference.mean() < -error else "tie"
            record[name] = {"log_likelihood": scores.mean(), "detail": detail, "difference": difference.mean(), "error": error}
            line += f"  {name} {scores.mean():9.3f} ({verdict} {difference.mean():+.3f} ± {error:.3f})"
        print(line, flush=True)
        results.append(record)
        if args.json:
            args.json.write_text(json.dumps(results, indent=2) + "\n")


main()
