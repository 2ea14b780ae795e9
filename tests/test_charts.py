"""Charts: what they must show whatever the data are."""

from io import BytesIO
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.text import Annotation, Text
from PIL import Image

from analysis import figures
from analysis.charts import serving as charts


@pytest.fixture(autouse=True)
def drawn_without_a_screen():
    mpl.use("agg")
    figures.use_style()
    yield
    plt.close("all")


def offers(count: int, seed: int) -> pd.DataFrame:
    """Models that lie as close together as those of the notebook: over a decade and a half of cost and of price."""
    random = np.random.default_rng(seed)
    cost, price = 10 ** random.uniform(-1.5, 0, (2, count))
    names = [f"Model-{number}-235B" for number in range(count)]
    return pd.DataFrame({"model": names, "origin": ["CN", "US"] * (count // 2), "cost": cost, "price": price})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_every_model_is_named_once_and_no_name_covers_another(seed: int):
    figure = plt.figure(figsize=(8, 4.9))
    panel = offers(8, seed)
    ax = charts.cost_panels(figure, {"makers": panel, "hosts": panel})
    labels = [text for text in ax.texts if isinstance(text, Annotation) and text.get_text().startswith("Model-")]
    assert sorted(label.get_text() for label in labels) == sorted(panel["model"])
    figure.draw_without_rendering()
    boxes = [Text.get_window_extent(label) for label in labels]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_panels_share_their_limits_and_say_where_models_are_sold_at_cost():
    figure = plt.figure(figsize=(8, 4.9))
    charts.cost_panels(figure, {"makers": offers(4, 0), "hosts": offers(8, 1)})
    first, second = figure.axes
    assert first.get_xlim() == first.get_ylim() == second.get_xlim() == second.get_ylim()
    assert all("sold at cost" in [text.get_text() for text in ax.texts] for ax in (first, second))


def test_without_any_model_the_panels_are_empty():
    nothing = offers(2, 0).head(0)
    ax = charts.cost_panels(plt.figure(), {"makers": nothing, "hosts": nothing})
    assert not ax.has_data()


def test_a_figure_is_shown_in_few_colours_at_its_size(monkeypatch: pytest.MonkeyPatch):
    shown = []
    monkeypatch.setattr(figures, "display", lambda data, **_: shown.append(data["image/png"]))
    _, ax = plt.subplots(figsize=(8, 4))
    ax.plot([0, 1], [0, 1], color=figures.COLOURS["CN"])
    figures.show(ax, "A line", "made up", "2026-05-25")
    palette, width = 3, 2 * 8 * 84
    assert shown[0][25] == palette and int.from_bytes(shown[0][16:20]) == width


def test_pale_areas_keep_their_colours_apart_from_each_other_and_from_white(monkeypatch: pytest.MonkeyPatch):
    shown = []
    monkeypatch.setattr(figures, "display", lambda data, **_: shown.append(data["image/png"]))
    tints = ["#ffffff", "#f0f1f4", "#fdf1ea", "#eaf5fb", "#eaf7f1"]
    _, ax = plt.subplots()
    ax.bar(range(len(tints)), 1, color=tints)
    ax.set_axis_off()
    figures.show(ax, "Tints", "made up", "2026-05-25")
    colours = Image.open(BytesIO(shown[0])).convert("RGB").getcolors(10_000)
    largest = {colour for _, colour in sorted(colours, reverse=True)[: len(tints)]}
    assert {f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in largest} == set(tints)


def test_of_a_picture_with_many_colours_the_areas_keep_theirs_and_no_pixel_is_far_from_its_own():
    figure, ax = plt.subplots(figsize=(4, 3), layout="constrained")
    shades = np.linspace(0, 1, 100).reshape(10, 10)
    ax.imshow(shades, cmap="PuOr", aspect="auto")
    ax.set_title("A title that is written with blends of black and white")
    shown = np.asarray(Image.open(BytesIO(figures._few_colours(figure))).convert("RGB"), dtype=int)
    drawn = np.asarray(figure.canvas.buffer_rgba(), dtype=int)[..., :3]
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 256
    away = np.abs(shown - drawn).max(axis=2)
    assert away.max() < 24
    colours, counts = np.unique(drawn.reshape(-1, 3), axis=0, return_counts=True)
    for colour in colours[np.argsort(-counts)[:100]]:
        assert away[(drawn == colour).all(axis=2)].max() == 0


def test_a_figure_without_data_is_drawn_and_says_so(monkeypatch: pytest.MonkeyPatch):
    shown = []
    monkeypatch.setattr(figures, "display", lambda data, **_: shown.append(data))
    _, ax = plt.subplots()
    figures.show(ax, "", "made up", "2026-05-25")
    assert shown[0]["text/plain"] == "Nothing to show by 2026-05-25"
    assert shown[0]["image/png"].startswith(b"\x89PNG")
    assert [text.get_text() for text in ax.texts] == ["no data by this date"]
