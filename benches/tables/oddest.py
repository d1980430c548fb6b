"""Whether the oddest rows of two well-known tables are their known typing errors.

    cargo build --release -p flows-cli
    python benches/tables/make.py DIR
    python benches/tables/oddest.py DIR --seeds 0 1 --json oddest.json

Three diamonds have a width or a height that no stone of their weight has: 58.9, 31.8 and 31.8 mm. The weather of New York's
airports has an hour with a wind of 1,048 miles an hour. `flows fit` gets each table as it is and is told nothing; `flows score
--top` gives the ranks of these rows, 1 for the oddest. They must be 1 to 5 for the diamonds (some twenty others of which have a
length of zero, so that more than three rows may be called the oddest), and 1 for the weather: if not, the script fails. So it
does where the column that `flows` blames is another than the one with the error.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True

ROOT = Path(__file__).parent.parent.parent

# Table, the cells that are errors, and the last rank that they may have.
TABLES = {
    "diamonds": ([("y", 58.9), ("z", 31.8), ("y", 31.8)], 5),
    "weather": ([("wind_speed", 1048.36058)], 1),
}
# Rows that are listed, so that the rank of an error that is not among the first is told too.
LISTED = 1000


def arguments():
    parser = argparse.ArgumentParser(description="Whether the oddest rows are the known errors.")
    parser.add_argument("tables", type=Path, metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=TABLES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--time", default="60s")
    parser.add_argument("--flows", type=Path, default=ROOT / "target/release/flows")
    parser.add_argument("--json", type=Path, metavar="F")
    return parser.parse_args()


def run(args, folder, *words):
    done = subprocess.run([str(args.flows.resolve()), *words], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"flows {' '.join(words)} failed:\n{done.stderr}")


def ranks(args, folder, table, cells, seed):
    """The model that was chosen, and of each error its rank and the column that is blamed for it."""
    path = str((args.tables / f"{table}.csv").resolve())
    run(args, folder, "fit", path, "--time", args.time, "--seed", str(seed), "--force", "--output", "m.flow", "--json", "fit.json")
    run(args, folder, "score", "m.flow", path, "--top", str(LISTED), "--output", "top.csv")
    frame, top = pd.read_csv(path), pd.read_csv(folder / "top.csv")
    found = []
    for column, value in cells:
        rows = frame.index[(frame[column] - value).abs() < 1e-6]
        if len(rows) != 1:
            sys.exit(f"{path}: {len(rows)} rows have {column} = {value}, where one is known to")
        place = top.index[top["row"] == rows[0]]
        rank, blamed = (int(place[0]) + 1, top["worst_column"][place[0]]) if len(place) else (None, None)
        found.append({"column": column, "value": value, "row": int(rows[0]), "rank": rank, "blamed": blamed})
    return json.loads((folder / "fit.json").read_text())["chosen"], found


def main():
    args = arguments()
    results, wrong = [], []
    for table, (cells, last) in TABLES.items():
        if args.only and table not in args.only:
            continue
        for seed in args.seeds:
            with tempfile.TemporaryDirectory() as folder:
                chosen, found = ranks(args, Path(folder), table, cells, seed)
            results.append({"table": table, "seed": seed, "chosen": chosen, "errors": found})
            print(f"{table}, seed {seed} ({chosen}):", flush=True)
            for error in found:
                told = f"{error['column']} = {error['value']:g} in row {error['row']}"
                shown = f"rank {error['rank'] or f'beyond {LISTED}'}, for its {error['blamed'] or 'nothing'}"
                print(f"  {told}: {shown}", flush=True)
                if not error["rank"] or error["rank"] > last or error["blamed"] != error["column"]:
                    wrong.append(f"{table}, seed {seed}: {told}: {shown}; right is rank {last} or less, for that column")
    if args.json:
        args.json.write_text(json.dumps(results, indent=2) + "\n")
    if wrong:
        sys.exit("\n".join(wrong))


main()
