#!/usr/bin/env python3
"""Writes the inputs of `cargo xtask cases DIR`: make.py DIR. Needs numpy and Pillow; three seconds, 15 MB."""
import io, os, sys

import numpy as np
from PIL import Image

out = sys.argv[1]
path = lambda *name: os.path.join(out, *name)
rng = np.random.default_rng
normal = lambda seed, rows, columns=2: rng(seed).normal(size=(rows, columns))


def text(name, content, encoding="utf-8"):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    with open(path(name), "wb") as file:
        file.write(content.encode(encoding))


def table(name, columns, rows, form="%.17g"):
    text(name, ",".join(columns) + "\n" + "".join(",".join(form % value for value in row) + "\n" for row in rows))


def array(name, values):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    np.save(path(name), values)


# Numbers: offsets, scales, kinds
utm = np.array([5e5, 5.4e6])
array("numbers/utm.npy", utm + 100 * normal(2, 100_000))
array("numbers/utm_shifted.npy", 100 * normal(2, 100_000))
array("numbers/5000.npy", 5000 + normal(1, 100_000))
day = np.column_stack([86400 * rng(5).random(10_000), rng(6).normal(size=10_000)])
table("numbers/timestamps.csv", ["time", "y"], day + [1.7e9, 0])
table("numbers/timestamps_shifted.csv", ["time", "y"], day)
hour = np.column_stack([3600 * rng(55).random(10_000), rng(56).normal(size=10_000)])
hour[:, 1] += np.sin(hour[:, 0] / 300) * 3
table("numbers/hour.csv", ["time", "y"], hour + [1.7e9, 0])
table("numbers/hour_shifted.csv", ["time", "y"], hour)
small = normal(7, 2000)
table("numbers/huge.csv", ["flux", "y"], small * [1e20, 1] + [5e20, 0])
filled = small.copy()
filled[[11, 500, 1500], 0] = 9.96920996838687e36
table("numbers/fill_value.csv", ["sst", "y"], filled)
table("numbers/tiny.csv", ["strain", "y"], small * [1e-23, 1])
array("numbers/constant.npy", np.column_stack([rng(8).normal(size=1000), np.full(1000, 14.62)]).astype("f4"))
table("numbers/scales.csv", ["a", "b"], normal(9, 20_000) * [0.01, 1000])
rare = np.column_stack([rng(10).normal(size=200), np.zeros(200)])
rare[3, 1] = 1
table("numbers/rare.csv", ["a", "rare"], rare)
counts = np.column_stack([rng(11).poisson(3, 5000), rng(12).normal(size=5000)])
table("numbers/counts.csv", ["count", "y"], counts, "%.6g")
pair = rng(14).normal(size=(5000, 2))
table("numbers/twice.csv", ["a", "b", "c", "d"], np.column_stack([pair, pair[:, 0], 2 * pair[:, 1] + 3]))
table("numbers/cauchy.csv", ["c", "y"], np.column_stack([rng(0).standard_cauchy(20_000), rng(15).normal(size=20_000)]))
table("numbers/lognormal.csv", ["l", "y"], np.column_stack([rng(0).lognormal(0, 2, 20_000), rng(15).normal(size=20_000)]))
table("numbers/one_column.csv", ["x"], normal(16, 2000, 1))
table("numbers/ten_rows.csv", ["a", "b"], np.round(normal(19, 10), 3))
for rows in (256, 257):
    table(f"numbers/batch_{rows}.csv", ["a", "b"], normal(20, 257)[:rows])
table("numbers/batch_val.csv", ["a", "b"], normal(21, 1000))
table("numbers/batch_test.csv", ["a", "b"], normal(22, 1000))
table("numbers/score_train.csv", ["a", "b"], normal(23, 2000))
text("numbers/score_absurd.csv", "a,b\n0,0\n1,-1\n1e20,0\n0.5,0.5\n1e39,0\n")
weighted = np.column_stack([normal(27, 4000), np.ones(4000)])
weighted[:, 2] = np.where(weighted[:, 0] > 0, 3.0, 1.0)
table("numbers/weighted.csv", ["a", "b", "weight"], weighted)

# Text and npy files
x = np.round(normal(30, 1000), 4)
table("files/number_header.csv", ["0", "1"], x, "%g")
text("files/index.csv", ",a,b\n" + "".join(f"{i},{a:g},{b:g}\n" for i, (a, b) in enumerate(x)))
shift = np.array([0, 1000.0])
table("files/order_train.csv", ["x", "y"], normal(31, 1000) + shift)
for part, seed in (("val", 32), ("test", 33)):
    table(f"files/order_{part}.csv", ["y", "x"], (normal(seed, 1000) + shift)[:, ::-1])
text("files/column_missing.csv", "id,a,b\n" + "".join(f"{i},{a:g},\n" for i, (a, _) in enumerate(x[:50], 1)))
text("files/semicolon.csv", "a;b\n" + "".join(f"{a:.4f};{b:.4f}\n" for a, b in x))
text("files/decimal_comma.csv", "a;b\n" + "".join(f"{a:.4f};{b:.4f}\n".replace(".", ",") for a, b in x))
income = 1500 * np.exp(0.8 * rng(34).normal(size=1000))
text("files/thousands.csv", "age,income\n" + "".join(f'{40 + 10 * a:.1f},"{v:,.2f}"\n' for (a, _), v in zip(x, income)))
text("files/minus.csv", "a,t\n" + "".join(f"{a:.4f},{b - 1:.4f}\n".replace(",-", ",\u2212") for a, b in x))
text("files/utf16.csv", "a,b\r\n" + "".join(f"{a:g},{b:g}\r\n" for a, b in x), "utf-16")
text("files/row_names.csv", '"a","b"\n' + "".join(f'"{i}",{a:g},{b:g}\n' for i, (a, b) in enumerate(x, 1)))
text("files/comment.csv", "# made by hand\na,b\n" + "".join(f"{a:g},{b:g}\n" for a, b in x))
header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000L, 2L), }"
header += b" " * (-(len(header) + 11) % 64) + b"\n"
with open(path("files/python2.npy"), "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + x.astype("<f8").tobytes())

# Pictures, 16 x 16, grey unless said
def picture(name, values):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    Image.fromarray(values.astype("u1")).save(path(name))


noise = rng(40)


def blob(level):
    y, x = np.mgrid[:16, :16]
    cx, cy = noise.random(2) * 8 + 4
    return np.clip(level + 60 * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 8) + noise.normal(0, 5, (16, 16)), 0, 255)


for i in range(60):
    picture(f"pictures/rare_class/a/{i:03}.png", blob(40))
    picture(f"pictures/rare_class/b/{i:03}.png", blob(120))
picture("pictures/rare_class/z/000.png", blob(190))
for i in range(60):
    for label, level in (("a", 40), ("b", 120), ("c", 190)):
        picture(f"pictures/three_classes/{label}/{i:03}.png", blob(level))
    for label, level in (("b", 120), ("c", 190)):
        picture(f"pictures/two_of_three/{label}/{i:03}.png", blob(level))
for i in range(20):
    picture(f"pictures/mac/a/{i:03}.png", blob(40))
    picture(f"pictures/mac/b/{i:03}.png", blob(120))
os.makedirs(path("pictures/mac/__MACOSX/a"), exist_ok=True)
with open(path("pictures/mac/__MACOSX/a/._000.png"), "wb") as file:
    file.write(b"\0\5\x16\7")
ramp = np.tile(np.linspace(0, 255, 64).astype("u1"), (64, 1))
jpeg = io.BytesIO()
Image.fromarray(np.stack([ramp, ramp.T, 255 - ramp], -1)).save(jpeg, "JPEG", quality=95)
os.makedirs(path("pictures/truncated"), exist_ok=True)
for name, data in (("whole", jpeg.getvalue()), ("cut", jpeg.getvalue()[: len(jpeg.getvalue()) // 2])):
    with open(path(f"pictures/truncated/{name}.jpg"), "wb") as file:
        file.write(data)
os.makedirs(path("pictures/colours"), exist_ok=True)
for name, colour in (("red", (255, 0, 0)), ("green", (0, 255, 0)), ("blue", (0, 0, 255))):
    Image.new("RGB", (64, 64), colour).save(path(f"pictures/colours/{name}.png"))
os.makedirs(path("pictures/formats"), exist_ok=True)
for i in range(10):
    for ending in ("png", "bmp", "webp"):
        Image.fromarray(blob(90).astype("u1")).save(path(f"pictures/formats/{i}.{ending}"))
for i in range(80):
    picture(f"pictures/resume/{i:03}.png", blob(90))
