"""Trains Glow on MNIST, ours and normflows', with the same settings, one after the other, and prints bits per dimension.

    cargo xtask data mnist && cargo build --release -p flows-cli
    python benches/peers/mnist.py --data data/mnist --epochs 3 --json results.json

It runs in an environment with what `requirements.txt` names, and nothing else should run beside it. Images have a border
of zeros up to 32 x 32 pixels; 3 scales of 4 steps, networks of 64 channels, batches of 64, Adam with a learning rate of
1e-3 that stays, gradients clipped at norm 50, uniform dequantisation, the logit of alpha + (1 - 2 alpha) x before the
flow (or, with `--alpha 0`, centred pixels), all 60,000 images to train on, and the weights after the last epoch. Bits are the nats of all 1,024 pixels, divided by 1,024 or by the 784 pixels of the data, and log 2.
Ours has a prior of the channels that go out, made of those that stay, as in Glow; `ours-plain` has none, as normflows.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
LIBRARIES = ["ours", "ours-plain", "normflows"]


def arguments():
    parser = argparse.ArgumentParser(description="Train Glow on MNIST, ours and normflows'.")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--libraries", nargs="+", default=LIBRARIES, choices=LIBRARIES)
    parser.add_argument("--alpha", type=float, default=1e-6, help="of the logit; 0 for none [default: 1e-6]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="F")
    return parser.parse_args()


def ours(args, prior):
    program = ROOT / "target/release/flows"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [program, "images", "fit", args.data.resolve(), "--data", "mnist", "--scales", 3, "--steps", 4, "--hidden", 64,
                   "--batch-size", 64, "--learning-rate", 1e-3, "--clip", 50, "--epochs", args.epochs, "--schedule", "constant",
                   "--validation", 0, "--seed", args.seed, "--learned-prior", str(prior).lower(), "--logit", args.alpha,
                   "--output", Path(folder) / "m.flow", "--json", report]
        run([str(part) for part in command])
        figures = json.loads(report.read_text())
    test = figures["test"]
    return {"bits_784": test["bits_per_dim"], "standard_error_784": test["two_standard_errors"] / 2,
            "bits_1024": test["with_border"], "seconds": figures["history"][-1]["seconds"], "params": figures["params"]}


def normflows(args):
    command = [sys.executable, str(HERE / "mnist_glow.py"), "--data", str(args.data), "--epochs", str(args.epochs),
               "--seed", str(args.seed), "--clip", "50"]
    command += ["--preprocess", "logit", "--alpha", str(args.alpha)] if args.alpha else ["--preprocess", "none"]
    lines = [json.loads(line) for line in run(command).splitlines() if line.startswith("{")]
    last = lines[-1]
    return {"bits_784": last["test_bits_784"], "standard_error_784": last["test_se_784"],
            "bits_1024": last["test_bits_1024"], "seconds": last["seconds"], "skipped": last["skipped"]}


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout


def main():
    args = arguments()
    reports = []
    for library in args.libraries:
        figures = normflows(args) if library == "normflows" else ours(args, prior=library == "ours")
        reports.append({"library": library, **figures})
        print(f"{library:11} test {figures['bits_784']:.4f} ± {2 * figures['standard_error_784']:.4f} bits per dimension "
              f"of 784, {figures['bits_1024']:.4f} of 1,024  {figures['seconds']:.0f} s", flush=True)
        if args.json:
            args.json.write_text(json.dumps(reports, indent=2) + "\n")


main()
