"""Charts of notebook 04: the claimed size, the article's day and every line are there."""

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from analysis import figures
from analysis.charts import serving as charts

ARTICLE = pd.Timestamp("2026-05-25")


@pytest.fixture(autouse=True)
def drawn_without_a_screen():
    mpl.use("agg")
    figures.use_style()
    yield
    plt.close("all")


def words(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("released", ["2024-01-01", "2026-11-01"])
def test_the_claimed_size_and_the_articles_day_are_drawn_and_named(released: str):
    row = {"origin": "CN", "released": pd.Timestamp(released), "total_params_b": 100.0, "active_params_b": 10.0}
    first = charts.size_panels(pd.DataFrame([row | {"part": 0.1}]), ARTICLE, [1000, 37])
    second = first.figure.axes[1]
    assert "DeepSeek V4,\nas claimed" in words(first)
    assert [1000, 37] in [line.get_xydata()[0].tolist() for line in first.lines]
    assert "the article" in words(second)
    assert second.get_xlim()[1] > mpl.dates.date2num(ARTICLE)


@pytest.mark.parametrize("contexts", [[8192], [1, 8], [1024, 8192, 65536]])
def test_there_is_a_line_and_a_label_for_every_context(contexts: list[int]):
    ratios = pd.DataFrame({context: [11.0, 0.7 * context] for context in contexts}, index=[1, 128])
    ax = charts.time_ratios(ratios, ratios > 0)
    assert [f"{context:,} tokens" in words(ax) for context in contexts] == [True] * len(contexts)


def test_runs_that_are_faster_than_calculated_are_marked():
    runs = pd.DataFrame({"bound_ms": [1.0, 9.0], "estimate": 5.0, "tpot_ms": [4.0, 6.0]})
    ax = charts.bound_and_estimate(runs.assign(times=runs["tpot_ms"] / runs["bound_ms"]))
    marked = ax.collections[-1].get_offsets().tolist()
    assert marked == [[9.0, 6.0]]


def test_each_kind_of_attention_has_one_row():
    memory = pd.DataFrame(
        {"kind": ["wide", "wide", "small"], "kb": [300.0, 200.0, 10.0], "row": [0, 0, 1]}, list("abc")
    )
    ax = charts.cache_by_kind(memory)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["wide", "small"]
