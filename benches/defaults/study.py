"""What the defaults of `flows fit` should be: one choice at a time is changed, on real tables, with fixed time.

    cargo build --release -p flows-cli
    pip install -r benches/tables/requirements.txt
    python benches/tables/make.py DIR
    python benches/defaults/study.py DIR --seconds 10 --json study.json
    python benches/defaults/study.py --show study.json           # the table, as Markdown

The figure of a fit is the log-likelihood of the rows that chose nothing: the test rows, or those that were left out of each
fold. The default of folds is the schedule `cosine`, of others `cool-down`. A cell of the table is the gain over the default in nats a row; gains beyond two standard errors of the difference of two
means (which are those of the same rows, so that this is cautious) are bold. Tables whose columns are rounded have noise of one
step of rounding added once, so that no density is better for being spiked. Nothing else should run beside it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

ROOT = Path(__file__).parent.parent.parent

# Name, table, the columns that are modelled given the others.
TASKS = [(name, name, None) for name in ("wine", "breast_cancer", "diabetes", "iris", "quakes", "diamonds", "faithful", "weather",
                                         "penguins", "cars", "computers", "caschool", "bwages", "hi", "galaxies")]
TASKS += [("galaxies, redshift", "galaxies", "redshift"), ("cars, mpg", "cars", "Miles_per_Gallon"),
          ("computers, price", "computers", "price"), ("caschool, testscr", "caschool", "testscr"),
          ("diamonds, price", "diamonds", "price")]

VARIANTS = {
    "default": [],
    "nsf-ar": ["--model", "nsf-ar"],
    "maf": ["--model", "maf"],
    "maf-mog": ["--model", "maf-mog"],
    "whitened": ["--whiten", "true"],
    "permutations": ["--mixing", "permutation"],
    "no mixing": ["--mixing", "none"],
    "cool-down": ["--schedule", "warmup-stable-decay"],
    "cosine": ["--schedule", "cosine"],
    "constant": ["--schedule", "constant"],
    "rate 4e-3": ["--learning-rate", "4e-3"],
    "rate 8e-4": ["--learning-rate", "8e-4"],
    "batch 128": ["--batch-size", "128"],
    "batch 512": ["--batch-size", "512"],
    "3 layers": ["--layers", "3"],
    "1 layer": ["--layers", "1"],
    "3 x 128": ["--hidden", "128,128,128"],
    "24 bins": ["--bins", "24"],
    "dropout 0.1": ["--dropout", "0.1"],
    "no dropout": ["--dropout", "0"],
}


def arguments():
    parser = argparse.ArgumentParser(description="Change one choice of `flows fit` at a time.")
    parser.add_argument("tables", type=Path, nargs="?", metavar="DIR")
    parser.add_argument("--show", type=Path, metavar="F")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--only", nargs="+", metavar="VARIANT")
    parser.add_argument("--flows", type=Path, default=ROOT / "target/release/flows")
    parser.add_argument("--json", type=Path, metavar="F", default=Path("study.json"))
    return parser.parse_args()


def step(values):
    for decimals in range(0, 13):
        if np.allclose(values, np.round(values, decimals), rtol=0, atol=10.0 ** (-decimals - 3)):
            return 10.0 ** -decimals
    return 0.0


def spread(path):
    """The numbers of a table with noise of one step of rounding, and without columns that number rows."""
    # A column without a cell would take all rows with it.
    frame = pd.read_csv(path).select_dtypes("number").dropna(axis=1, how="all").dropna()
    rng = np.random.default_rng(0)
    frame = frame[[name for name in frame if frame[name].nunique() > 2 and not (frame[name].diff().dropna() == 1).all()]]
    for name in frame:
        frame[name] = frame[name] + rng.uniform(-0.5, 0.5, len(frame)) * step(frame[name].to_numpy(float))
    # Linear functions of other columns have no density.
    kept = []
    for name in frame:
        values = ((frame[[*kept, name]] - frame[[*kept, name]].mean()) / frame[[*kept, name]].std()).to_numpy()
        if np.linalg.matrix_rank(values, tol=1e-5 * len(values) ** 0.5) == len(kept) + 1:
            kept.append(name)
    return frame[kept]


def fit(args, folder, table, target, options):
    model = [] if "--model" in options else ["--model", "nsf"]
    line = [str(args.flows.resolve()), "fit", table, "--as", "*=number", "--time", f"{args.seconds}s", "--force",
            "--output", "m.flow", "--json", "m.json", *model, *options]
    line += ["--target", target] if target else []
    done = subprocess.run(line, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        return {"error": done.stderr.strip().splitlines()[-2:]}
    report = json.loads((Path(folder) / "m.json").read_text())
    return {key: report[key] for key in ("test_log_likelihood", "two_standard_errors", "epochs", "seconds", "stopped")}


def show(results):
    """Two tables, as one would be too wide for a page."""
    variants = [name for name in VARIANTS if name != "default" and any(name in row for row in results.values())]
    half = (len(variants) + 1) // 2
    for part in (variants[:half], variants[half:]):
        if part:
            show_variants(results, part)
            print()


def show_variants(results, variants):
    print("| table | default | " + " | ".join(variants) + " |")
    print("|---|---|" + "---|" * len(variants))
    gains = {name: [] for name in variants}
    for task, row in results.items():
        base = row.get("default", {})
        if "test_log_likelihood" not in base:
            print(f"| {task} | " + " | ".join(["no figure"] + ["-"] * len(variants)) + " |")
            continue
        cells = [f"{base['test_log_likelihood']:.3f} ± {base['two_standard_errors']:.3f}"]
        for name in variants:
            found = row.get(name, {})
            if "test_log_likelihood" not in found:
                cells.append("-")
                continue
            gain = found["test_log_likelihood"] - base["test_log_likelihood"]
            gains[name].append(gain)
            clear = abs(gain) > (found["two_standard_errors"] ** 2 + base["two_standard_errors"] ** 2) ** 0.5
            cells.append(f"**{gain:+.3f}**" if clear else f"{gain:+.3f}")
        print(f"| {task} | " + " | ".join(cells) + " |")
    median = [f"{np.median(gains[name]):+.3f}" if gains[name] else "-" for name in variants]
    print("| median | | " + " | ".join(median) + " |")


def main():
    args = arguments()
    if args.show:
        show(json.loads(args.show.read_text()))
        return
    results = json.loads(args.json.read_text()) if args.json.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for task, table, target in TASKS:
            spread(args.tables / f"{table}.csv").to_csv(Path(folder) / "t.csv", index=False)
            row = results.setdefault(task, {})
            for name, options in VARIANTS.items():
                if name in row or (args.only and name not in args.only):
                    continue
                row[name] = fit(args, folder, "t.csv", target, options)
                args.json.write_text(json.dumps(results, indent=2) + "\n")
                print(task, name, row[name].get("test_log_likelihood", row[name]), flush=True)
    show(results)


main()
