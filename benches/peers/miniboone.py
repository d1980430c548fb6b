"""Trains MAF and the autoregressive spline flow, ours and the peers', on the same rows for the same time, one after the
other, and prints the log-likelihoods of the test rows in nats a row.

    cargo build --release -p flows-cli
    python benches/peers/miniboone.py --rows DIR --seconds 240 --json results.json

DIR has `train.npy`, `val.npy` and `test.npy`. It runs in an environment with what `requirements.txt` names, and nothing
else should run beside it. Architectures are the same: 5 layers; MAF with two hidden ReLU layers of 512 units; splines of 8
bins with two of 256. Batches of 128 rows and gradients clipped at norm 5 are too. Every program keeps the weights that
were best on the validation rows. Ours are regularised by dropout, as is nflows; zuko has none, and weight decay instead.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
HIDDEN = {"maf": "512,512", "spline-ar": "256,256"}
PEERS = {"zuko": ["--weight-decay", "1e-5"], "nflows": ["--weight-decay", "1e-5", "--dropout", "0.2"]}


def arguments():
    parser = argparse.ArgumentParser(description="Train ours and the peers on the same rows for the same time.")
    parser.add_argument("--rows", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--models", nargs="+", default=["maf", "spline-ar"], choices=HIDDEN)
    parser.add_argument("--libraries", nargs="+", default=["ours", *PEERS], choices=["ours", *PEERS])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="F")
    return parser.parse_args()


def run(args, command):
    """Runs a program that writes its report to a file, and returns it."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        rows = [part for name in ("train", "val", "test") for part in (f"--{name}", str(args.rows / f"{name}.npy"))]
        time = ["--time", f"{args.seconds}s"] if command[0].endswith("flows") else ["--seconds", str(args.seconds)]
        common = [*time, "--seed", str(args.seed), "--json", str(report)]
        done = subprocess.run([*command, *rows, *common], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
        return json.loads(report.read_text())


def ours(args, model):
    program, name = str(ROOT / "target/release/flows"), {"maf": "maf", "spline-ar": "nsf-ar"}[model]
    dropout = {"maf": "0.2", "spline-ar": "0.1"}[model]
    settings = ["--layers", "5", "--hidden", HIDDEN[model], "--dropout", dropout, "--batch-size", "128", "--as", "*=number"]
    report = run(args, [program, "fit", "--model", name, *settings, "--output", "m.flow"])
    return {**report, "val_log_likelihood": report["validation_log_likelihood"],
            "gaussian_test_log_likelihood": report["baselines"]["gaussian"]}


def peer(args, name, model):
    settings = ["--hidden", HIDDEN[model], "--batch", "128", "--lr", "5e-4", *PEERS[name]]
    return run(args, [sys.executable, str(HERE / "tabular.py"), "--peer", name, "--model", model, *settings])


def main():
    args = arguments()
    reports = []
    for model in args.models:
        for library in args.libraries:
            report = ours(args, model) if library == "ours" else peer(args, library, model)
            reports.append({**report, "library": report.get("library", "ours"), "model": model})
            report = reports[-1]
            print(f"{model:10} {report['library']:14} test {report['test_log_likelihood']:9.3f} "
                  f"± {report['two_standard_errors']:.3f}  validation {report['val_log_likelihood']:9.3f}  "
                  f"epochs {report['epochs']:4} (best {report['best_epoch']:3})  {report['seconds']:6.1f} s", flush=True)
            if args.json:
                args.json.write_text(json.dumps(reports, indent=2) + "\n")
    gaussian = next((report["gaussian_test_log_likelihood"] for report in reports if report["library"] == "ours"), None)
    if gaussian is not None:
        print(f"Gaussian   {'':14} test {gaussian:9.3f}")


main()
