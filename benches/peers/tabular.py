"""Trains a peer's flow on a table of numbers and reports the log-likelihood of the test rows, in nats a row.

    python tabular.py --peer zuko --model maf --train train.npy --val val.npy --test test.npy --seconds 600
    python tabular.py --peer nflows --model spline-ar --hidden 256,256 --dropout 0.2 --batch-norm layers ...
    python tabular.py --peer zuko --model gaussian ...        # full covariance, by maximum likelihood; no peer needed

It runs in an environment with what `requirements.txt` names. AdamW, gradients clipped at norm 5, shuffled batches; the
weights of the epoch that was best on the validation rows are tested. Columns are standardised by the mean and the
deviation of the training rows, and the reported numbers are corrected to be those of the files' own units.
"""

import argparse
import copy
import json
import math
import sys
import time

import numpy as np
import torch

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

from tasks import Task
from torch_flows import make, params

CLIP = 5.0

# Rows evaluated at a time.
CHUNK = 2048


def arguments():
    parser = argparse.ArgumentParser(description="Train a peer on a table.")
    parser.add_argument("--peer", required=True, choices=["zuko", "nflows"])
    parser.add_argument("--model", required=True, choices=["maf", "spline-ar", "gaussian"])
    for split in ("train", "val", "test"):
        parser.add_argument(f"--{split}", required=True, metavar="F.npy")
    parser.add_argument("--layers", type=int, default=5)
    parser.add_argument("--hidden", type=lambda text: tuple(map(int, text.split(","))), default=(512, 512))
    parser.add_argument("--bins", type=int, default=8, help="of spline-ar")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--lr", type=float, default=5e-4)
    parser.add_argument("--weight-decay", type=float, default=1e-5)
    parser.add_argument("--dropout", type=float, default=0.0, help="in the networks (nflows)")
    parser.add_argument("--batch-norm", nargs="?", const="both", choices=["network", "layers", "both"],
                        help="in the networks, between the layers of the flow, or both, the default (nflows)")
    parser.add_argument("--patience", type=int, default=30, help="epochs without a better validation")
    parser.add_argument("--seconds", type=float, default=math.inf, help="of training and validation together")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", metavar="F", help="write the report to this file too")
    return parser.parse_args()


def load(args):
    """The three tables, standardised, and what a row's log-density loses by that."""
    tables = [np.load(path).astype(np.float64) for path in (args.train, args.val, args.test)]
    mean, std = tables[0].mean(0), tables[0].std(0)
    if not (std > 0).all():
        raise SystemExit(f"{args.train}: column {np.argmin(std > 0)} is constant or not a number")
    return [(table - mean) / std for table in tables], np.log(std).sum()


def gaussian(train, val, test):
    """Log-likelihoods under the Gaussian with the mean and covariance of the training rows."""
    features = train.shape[1]
    mean, factor = train.mean(0), np.linalg.cholesky(np.cov(train, rowvar=False, bias=True))
    constant = np.log(np.diag(factor)).sum() + features / 2 * math.log(2 * math.pi)

    def log_prob(x):
        return -0.5 * (np.linalg.solve(factor, (x - mean).T) ** 2).sum(0) - constant
    return log_prob(val), log_prob(test), {"params": features + features * (features + 1) // 2}


def flow(args, features):
    kind = {"maf": "maf", "spline-ar": "arspline"}[args.model]
    bins = args.bins if kind == "arspline" else None
    task = Task(kind, features, args.layers, args.hidden, args.batch, bins)
    return make(args.peer, task, dropout=args.dropout, batch_norm=args.batch_norm)


def evaluate(flow, x):
    flow.module.eval()
    with torch.no_grad():
        return torch.cat([flow.log_prob(rows) for rows in x.split(CHUNK)])


def train(flow, x, val, args):
    """Trains until patience or time is over and restores the best weights. An epoch cut short by the time counts."""
    optimizer = torch.optim.AdamW(flow.module.parameters(), lr=args.lr, weight_decay=args.weight_decay, fused=True)
    start, epoch, best, best_epoch, weights = time.perf_counter(), 0, -math.inf, 0, None
    seconds = lambda: time.perf_counter() - start
    while epoch - best_epoch < args.patience and seconds() < args.seconds:
        epoch += 1
        flow.module.train()
        for rows in torch.randperm(len(x)).split(args.batch):
            # The last batch may be one row, of which batch normalisation has no deviation.
            if len(rows) > 1 and seconds() < args.seconds:
                step(flow, optimizer, x[rows])
        reached = evaluate(flow, val).mean().item()
        print(f"epoch {epoch}, {seconds():.0f} s: {reached:.4f}", file=sys.stderr)
        if not math.isfinite(reached):
            print(f"epoch {epoch}: the validation is no longer finite, so training ends here", file=sys.stderr)
            break
        if reached > best:
            best, best_epoch, weights = reached, epoch, copy.deepcopy(flow.module.state_dict())
    if weights is None:
        raise SystemExit("no epoch had a finite log-likelihood on the validation rows")
    flow.module.load_state_dict(weights)
    return {"params": params(flow), "epochs": epoch, "best_epoch": best_epoch, "seconds": round(seconds(), 1)}


def step(flow, optimizer, rows):
    optimizer.zero_grad()
    (-flow.log_prob(rows).mean()).backward()
    torch.nn.utils.clip_grad_norm_(flow.module.parameters(), CLIP)
    optimizer.step()


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    tables, log_std = load(args)
    if args.model == "gaussian":
        library = f"numpy {np.__version__}"
        start = time.perf_counter()
        val, test, facts = gaussian(*tables)
        facts |= {"epochs": None, "best_epoch": None, "seconds": round(time.perf_counter() - start, 1)}
    else:
        tables = [torch.tensor(table, dtype=torch.float32) for table in tables]
        peer = flow(args, tables[0].shape[1])
        library, facts = peer.name, train(peer, *tables[:2], args)
        val, test = (evaluate(peer, table).double().numpy() for table in tables[1:])
    report = {"library": library, "model": args.model, "test_log_likelihood": test.mean() - log_std,
              "two_standard_errors": 2 * test.std(ddof=1) / math.sqrt(len(test)),
              "val_log_likelihood": val.mean() - log_std, **facts}
    text = json.dumps({key: round(value, 4) if isinstance(value, float) else value for key, value in report.items()})
    print(text)
    if args.json:
        with open(args.json, "w") as file:
            file.write(text + "\n")


if __name__ == "__main__":
    main()
