"""Charts of list prices and of what a workload costs."""

import pandas as pd
from matplotlib.axes import Axes

from analysis.figures import COLOURS, NAMES
from analysis.prose import format_value


def price_steps(ax: Axes, ladder: pd.DataFrame) -> None:
    """Draw the cheapest price at each capability as steps, a line an origin.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    ladder : DataFrame
        As ``prices.price_ladder`` gives it.
    """
    for place, origin in enumerate(ladder.columns):
        line = ladder[origin].dropna()
        if len(line):
            ax.step(line.index, line, where="pre", color=COLOURS[origin])
            corner = (0.03, 0.94 - 0.06 * place)
            ax.annotate(NAMES[origin], corner, xycoords="axes fraction", color=COLOURS[origin], weight="bold")
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter("{x:,g}")
    ax.yaxis.set_minor_formatter("")


def name_stacks(ax: Axes, parts: pd.DataFrame, names: list[str]) -> None:
    """Finish horizontal stacked bars of shares: the names of the bars, of the origins, and their shares.

    Parameters
    ----------
    ax : Axes
        Where the bars are.
    parts : DataFrame
        Indexed by origin, a column a bar.
    names : list of str
        Names of the bars.
    """
    for place, column in enumerate(parts.columns):
        centres = parts[column].cumsum() - parts[column] / 2
        for origin, centre in centres.items():
            if parts[column][origin] > 0.05:
                text = f"{NAMES[origin]}\n{format_value(parts[column][origin], 'share')}"
                ax.annotate(text, (centre, place), ha="center", va="center", color="white", weight="bold")
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(axis="both", length=0)
    ax.set_xticks([])
    ax.spines[["left", "bottom"]].set_visible(False)
