"""Trains normflows' Glow on MNIST and reports bits per dimension of the test images, a line of JSON an epoch.

    python mnist_glow.py --data data/mnist --epochs 3
    python mnist_glow.py --data data/mnist --seconds 600 --epochs 100 --preprocess logit
    python mnist_glow.py --data data/mnist --train-rows 640 --test-rows 512 --epochs 1     # does it run

DIR has `train-images-idx3-ubyte` and `t10k-images-idx3-ubyte`, as `cargo xtask data mnist` leaves them. It runs in an
environment with what `requirements.txt` names, and nothing else should compute meanwhile.

Images are padded with zeros to 32 x 32 pixels, D = 1,024 numbers, and dequantised: a pixel v of 0 to 255 becomes
x = (v + u) / 256 with u uniform in [0, 1), drawn anew whenever the image is seen. The flow sees x - 0.5, or, with
`--preprocess logit`, log(y / (1 - y)) of y = alpha + (1 - 2 alpha) x. In either case p is the density of x; that of
v + u is p(x) / 256^D, and so an image takes

    bits = -(log p(x) - D log 256) / log 2        which is divided by 1,024 or by 784

These are the bits of all the padded pixels, whichever number divides them: divided by 1,024 they are bits per padded
pixel; divided by 784 they are bits per real pixel, with what the border costs included. Test images are evaluated once
each, with noise that is the same after every epoch and in every run. `se` is the standard error of the mean over the
images. `train` is the mean over the epoch, of the weights as they changed. What is not finite is null.

Adam, gradients clipped by their global norm. A batch changes no weight if its loss is not finite, as in normflows'
examples, or its gradient; `skipped` counts those of the epoch. The first batch sets the ActNorms. `seconds` is the time
of training so far, without the evaluations; `--seconds` limits it, and an epoch that it cuts short is reported too.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

import normflows as nf

from glow import BASES, NAME, glow, params

PIXELS, REAL_PIXELS = 32 * 32, 28 * 28
CHUNK = 256

# Of the noise on the test images.
TEST_SEED = 20


def arguments():
    parser = argparse.ArgumentParser(description="Train normflows' Glow on MNIST.")
    parser.add_argument("--data", type=Path, default=Path("data/mnist"), metavar="DIR")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=math.inf, help="of training")
    parser.add_argument("--train-rows", type=int, metavar="N", help="take the first N images [default: all]")
    parser.add_argument("--test-rows", type=int, metavar="N", help="take the first N images [default: all]")
    parser.add_argument("--preprocess", choices=["none", "logit"], default="none")
    parser.add_argument("--alpha", type=float, default=0.05, help="of the logit [default: 0.05, as in normflows]")
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4, help="of a level")
    parser.add_argument("--hidden", type=int, default=64, help="channels in the networks")
    parser.add_argument("--base", choices=BASES, default="diagonal")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--clip", type=float, default=50.0, help="the most that a gradient's norm may be")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def images(path, rows):
    """The first images of an idx file, padded: [rows, 1, 32, 32], a byte a pixel."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SystemExit(f"{error}; `cargo xtask data mnist` fetches it")
    header = bytes([0, 0, 8, 3]), bytes([0, 0, 0, 28] * 2)
    if (data[:4], data[8:16]) != header or (len(data) - 16) % REAL_PIXELS:
        raise SystemExit(f"{path} is not an idx file of 28 x 28 images")
    pixels = np.frombuffer(data, np.uint8, offset=16).reshape(-1, 1, 28, 28)[:rows]
    return torch.from_numpy(np.pad(pixels, ((0, 0), (0, 0), (2, 2), (2, 2))))


def dequantised(pixels, generator=None):
    noise = torch.rand(pixels.shape, generator=generator)
    # 255 and a noise close to one are 256 in single precision.
    return ((pixels + noise) / 256).clamp(max=1 - 2**-24)


class Model:
    """The flow with what is done to the images before it."""

    def __init__(self, args):
        # normflows' own Shift writes over what it is given, so images are centred here.
        self.centre = 0.5 if args.preprocess == "none" else 0.0
        transform = nf.transforms.Logit(args.alpha) if args.preprocess == "logit" else None
        self.flow = glow(1, 32, 32, args.levels, args.steps, args.hidden, args.base, transform)

    def nats(self, x):
        """Of each image, all its pixels together."""
        return PIXELS * math.log(256) - self.flow.log_prob(x - self.centre, None)


def epoch(model, optimizer, train, args, seconds):
    """One pass over the images, or what there is time for: mean nats, batches skipped, seconds of training so far."""
    model.flow.train()
    start, total, rows, skipped = time.perf_counter() - seconds, 0.0, 0, 0
    for batch in torch.randperm(len(train)).split(args.batch):
        if time.perf_counter() - start >= args.seconds:
            break
        optimizer.zero_grad()
        loss = model.nats(dequantised(train[batch])).mean()
        if loss.isfinite():
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.flow.parameters(), args.clip)
        if loss.isfinite() and norm.isfinite():
            optimizer.step()
            total, rows = total + loss.item() * len(batch), rows + len(batch)
        else:
            skipped += 1
    return total / rows if rows else math.nan, skipped, time.perf_counter() - start


def evaluate(model, test):
    """Mean nats and the standard error of the mean."""
    generator = torch.Generator().manual_seed(TEST_SEED)
    model.flow.eval()
    with torch.no_grad():
        nats = torch.cat([model.nats(dequantised(rows, generator)) for rows in test.split(CHUNK)]).double()
    return nats.mean().item(), nats.std().item() / math.sqrt(len(nats))


def bits(nats, pixels):
    return rounded(nats / pixels / math.log(2), 5)


def rounded(number, digits):
    return round(number, digits) if math.isfinite(number) else None


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    train = images(args.data / "train-images-idx3-ubyte", args.train_rows)
    test = images(args.data / "t10k-images-idx3-ubyte", args.test_rows)
    model = Model(args)
    rows = f"{len(train)} images to train on and {len(test)} to test on"
    print(f"{NAME}: {params(model.flow)} parameters, {rows}", file=sys.stderr)
    optimizer = torch.optim.Adam(model.flow.parameters(), lr=args.lr, fused=True)
    number, seconds = 0, 0.0
    while number < args.epochs and seconds < args.seconds:
        number += 1
        nats, skipped, seconds = epoch(model, optimizer, train, args, seconds)
        mean, error = evaluate(model, test)
        line = {"epoch": number, "train_bits_1024": bits(nats, PIXELS),
                "test_bits_1024": bits(mean, PIXELS), "test_se_1024": bits(error, PIXELS),
                "test_bits_784": bits(mean, REAL_PIXELS), "test_se_784": bits(error, REAL_PIXELS),
                "seconds": rounded(seconds, 1), "skipped": skipped}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
