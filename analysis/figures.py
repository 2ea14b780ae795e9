"""The one style of the figures, and the helpers that several notebooks draw with."""

import textwrap
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

import matplotlib as mpl
import matplotlib.dates as mdates
import numpy as np
import numpy.typing as npt
import pandas as pd
from IPython.display import HTML, display
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator, PercentFormatter
from matplotlib.transforms import Bbox
from PIL import Image

from analysis import findings
from analysis.measures import origins
from analysis.prose import format_value, spoken

COLOURS = origins.COLOURS
"""Colour of each origin."""

NAMES = origins.NAMES
"""What the figures call each origin."""

INK, GREY = "#333333", "#595959"
"""Colours of lines and of what is said beside them."""

VERDICT_COLOURS = {
    findings.SUPPORTED: "#00694a",
    findings.PARTLY_SUPPORTED: "#3f6212",
    findings.HOLDS_ONLY_IF: "#7a5a00",
    findings.OPEN: "#5b4a8a",
    findings.TOO_CLOSE: "#00598c",
    findings.NOT_CHECKABLE: "#565656",
    findings.NOT_SUPPORTED: "#a33c00",
}
"""Colour of each verdict, in figures and on pages, in the order of ``findings.VERDICTS``."""

_STYLE: dict[Any, Any] = {
    "figure.figsize": (8, 4.5),
    "figure.dpi": 84,
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.h_pad": 0.08,
    "axes.labelcolor": INK,
    "axes.grid": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2,
    "legend.frameon": False,
}


def use_style() -> None:
    """Set the style for all figures of a notebook."""
    mpl.rcParams.update(_STYLE)


_pictures = True


def leave_out_pictures() -> None:
    """Show the titles of figures alone from now on: who runs a notebook for its verdicts need not wait for pictures."""
    global _pictures
    _pictures = False


def show(ax: Axes, title: str, source: str, as_of: str) -> None:
    """Give a figure its title, source and as-of line, and display it.

    The title is also the figure's plain text: screen readers read it, and nbval, which does not compare pictures,
    compares it.

    Parameters
    ----------
    ax : Axes
        Axes whose figure is finished.
    title : str
        The finding, in a sentence.
    source : str
        Where the data come from.
    as_of : str
        The date that the run judges by.
    """
    title = spoken(title, f"Nothing to show by {as_of}")
    figure = ax.get_figure(root=True)
    assert figure is not None
    if not _pictures:
        plt.close(figure)
        display({"text/plain": title}, raw=True)
        return
    if not ax.has_data():
        ax.set_axis_off()
        ax.annotate("no data by this date", (0.5, 0.5), xycoords="axes fraction", ha="center", color=GREY)
    figure.suptitle(textwrap.fill(title, 78), x=0.01, ha="left", fontsize=12, weight="bold")
    figure.supxlabel(f"Source: {source}. As of {as_of}.", x=0.01, ha="left", fontsize=8, color=GREY)
    width, height = (int(inches * figure.dpi) for inches in figure.get_size_inches())
    picture = _few_colours(figure)
    plt.close(figure)
    details = {"alt": title, "width": width, "height": height}
    display({"image/png": picture, "text/plain": title}, metadata={"image/png": details}, raw=True)


_EXACT = 128
"""Colours of a picture that stay as they are where it has more than 256; the others share as many."""


def _few_colours(figure: Figure) -> bytes:
    """Picture of a figure with 256 colours: a third of the size, and nothing that the eye would miss.

    Areas keep their colours; blends at the edges of letters and lines share some. The figure is laid out and drawn
    once, where ``savefig`` would draw twice, and its pixels are packed once.
    """
    figure.set_dpi(2 * figure.dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.frombuffer(canvas.buffer_rgba(), dtype=np.uint32)
    # A million pixels are some ten thousand runs of a thousand colours: to choose among these is ten times as fast.
    starts = np.flatnonzero(np.concatenate([[True], pixels[1:] != pixels[:-1]]))
    lengths = np.diff(starts, append=len(pixels))
    places, colours = pd.factorize(pixels[starts])
    commonest_first = np.argsort(-np.bincount(places, lengths), kind="stable")
    indices = np.empty(len(colours), dtype=np.uint8)
    indices[commonest_first], palette = _in_palette(colours[commonest_first])
    packed = Image.frombytes("P", canvas.get_width_height(), np.repeat(indices[places], lengths).tobytes())
    packed.putpalette(palette)
    picture = BytesIO()
    packed.save(picture, format="PNG")
    return picture.getvalue()


def _in_palette(colours: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint8], bytes]:
    """Place of each colour (RGBA, the commonest first) in a palette of 256, and the palette (RGB)."""
    kept = len(colours) if len(colours) <= 256 else _EXACT
    each_once = Image.frombytes("RGBA", (len(colours), 1), colours.tobytes()).convert("RGB")
    indices, palette = np.arange(kept, dtype=np.uint8), each_once.tobytes()[: 3 * kept]
    if kept == len(colours):
        return indices, palette
    # FASTOCTREE, three times as fast, would take pale colours for white.
    others = each_once.crop((kept, 0, len(colours), 1)).quantize(256 - kept, method=Image.Quantize.MAXCOVERAGE)
    indices = np.concatenate([indices, kept + np.frombuffer(others.tobytes(), dtype=np.uint8)])
    return indices, palette + bytes(others.getpalette() or [])


def lay_out(figure: Figure) -> None:
    """Give everything in a figure its place, without drawing it; what is added later may move it a little."""
    engine = figure.get_layout_engine()
    assert engine is not None  # the style has one
    engine.execute(figure)


def table(frame: pd.DataFrame, summary: str = "", open_rows: int = 16) -> HTML:
    """Table under a figure; a long one is folded behind its summary line. All rows and columns are there.

    Origins are shown by name, and days of the index as ISO dates.

    Parameters
    ----------
    frame : DataFrame
        Rounded numbers, or text.
    summary : str
        Line to unfold it by; needed only where it may be long.
    open_rows : int
        A table with more rows than this is folded.
    """
    shown = frame.rename(index=NAMES, columns=NAMES)
    if isinstance(frame.index, pd.DatetimeIndex):
        shown.index = frame.index.strftime("%Y-%m-%d")
    html = shown.to_html(border=0, justify="right", na_rep="–", classes="mathjax_ignore")
    if len(frame) <= open_rows:
        return HTML(html)
    return HTML(f"<details><summary>{summary} ({len(frame)} rows)</summary>{html}</details>")


def origin_lines(
    ax: Axes, frame: pd.DataFrame, origins: list[str], claimed: float | None = None, drawstyle: str = "default"
) -> None:
    """Draw a line for each origin that has any value but zero, in its colour, with its name at the end.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        A column for each origin; the index is drawn along x.
    origins : list of str
        Columns to draw.
    claimed : float, optional
        A claimed share, drawn as a dashed line.
    drawstyle : str
        As matplotlib takes it; ``steps-post`` for values that hold until the next.
    """
    ends: dict[str, tuple[Any, float, str]] = {}
    if len(frame) == 1:  # matplotlib would show years around a single week
        ax.set_xlim(frame.index[0] - pd.Timedelta(weeks=4), frame.index[0] + pd.Timedelta(weeks=1))
    for origin in origins:
        line = frame[origin].dropna()
        if line.ne(0).any():
            marker = "o" if len(line) < 3 else ""
            ax.plot(line.index, line, color=COLOURS[origin], marker=marker, drawstyle=drawstyle)
            ends[NAMES[origin]] = (line.index[-1], line.iloc[-1], COLOURS[origin])
    label_with_claim(ax, ends, claimed)


def heat_map(
    ax: Axes, frame: pd.DataFrame, centre: float, label: str, fmt: str = ".0f", band: tuple[float, float] | None = None
) -> None:
    """Draw a matrix of numbers in colours that part at a threshold.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        The matrix; index and columns are the labels of the axes.
    centre : float
        Threshold at which the colour changes.
    label : str
        What the numbers are, with unit.
    fmt : str
        Format of the numbers.
    band : tuple of float, optional
        Cells from the first to the second of these are framed.
    """
    import seaborn as sns  # takes a second to import, and most figures do without it

    if not frame.notna().any(axis=None):
        return
    bar, figure = {"label": label}, ax.get_figure(root=True)
    assert figure is not None
    engine = figure.get_layout_engine()
    figure.set_layout_engine("none")  # seaborn draws, to see whether labels overlap that are turned below anyway
    sns.heatmap(frame, ax=ax, center=centre, cmap="PuOr_r", annot=True, fmt=fmt, linewidths=1, cbar_kws=bar)
    figure.set_layout_engine(engine)
    if band is not None:
        for row, column in zip(*frame.ge(band[0]).to_numpy().nonzero(), strict=True):
            if frame.iloc[row, column] <= band[1]:
                place = (column + 0.04, row + 0.04)
                ax.add_patch(Rectangle(place, 0.92, 0.92, fill=False, edgecolor="black", linewidth=2))
    ax.set(xlabel="", ylabel="")
    ax.tick_params(axis="both", length=0, rotation=0)


def origin_scatter(ax: Axes, frame: pd.DataFrame, x: str, y: str) -> None:
    """Draw points in the colours of their origins, with the origins' names.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        Columns origin, and the two to draw.
    x, y : str
        The two columns.
    """
    for origin, rows in frame.groupby("origin"):
        ax.scatter(rows[x], rows[y], color=COLOURS[origin], s=36, alpha=0.85, label=NAMES[origin])
    if len(frame):
        ax.legend(loc="upper left", handletextpad=0.1)


def label_points(ax: Axes, frame: pd.DataFrame, x: str, y: str) -> None:
    """Write each row's index beside its point, but for labels that would cover a point or an earlier label.

    Parameters
    ----------
    ax : Axes
        Where to write; its limits and scales must not change later.
    frame : DataFrame
        The points, those to label first on top; the index holds the labels.
    x, y : str
        Columns that were drawn.
    """
    figure, points = ax.get_figure(root=True), frame[[x, y]].dropna()
    assert figure is not None
    lay_out(figure)
    taken = [Bbox([place - 4, place + 4]) for place in ax.transData.transform(points.to_numpy())]
    for name, row in points.iterrows():
        for across, side in ((6, "left"), (-6, "right")):
            label = ax.annotate(str(name), tuple(row), xytext=(across, -3), textcoords="offset points", ha=side)
            label.set(fontsize=8, color=GREY)
            box = label.get_window_extent().padded(2)
            if not any(box.overlaps(other) for other in taken) and ax.bbox.x0 < box.x0 and box.x1 < figure.bbox.x1:
                taken.append(box)
                break
            label.remove()


def label_ends(ax: Axes, ends: Mapping[str, tuple[object, float, str]], gap: float = 0.055) -> None:
    """Write labels to the right of the axes, at the height of line ends, at least ``gap`` of the axis apart.

    Parameters
    ----------
    ax : Axes
        Where to write; its limits must not change later.
    ends : dict
        Label to x, y and colour of the line's end.
    gap : float
        Least distance between labels, as a fraction of the axis.
    """
    ax.get_xlim(), ax.get_ylim()  # settles pending limits, which transData does not
    to_axes = ax.transData + ax.transAxes.inverted()
    x = ax.convert_xunits
    places = {label: to_axes.transform((x(end[0]), end[1])) for label, end in ends.items()}
    height = -1.0
    for label, (across, up) in sorted(places.items(), key=lambda item: item[1][1]):
        height = max(up, height + gap)
        ax.annotate(
            label,
            (across, up),
            xytext=(1.01, height),
            xycoords="axes fraction",
            textcoords="axes fraction",
            color=ends[label][2],
            va="center",
            annotation_clip=False,
        )


def label_with_claim(ax: Axes, ends: Mapping[str, tuple[Any, float, str]], claimed: float | None) -> None:
    """Label the ends of lines and, as one of them, the dashed line of a claimed share."""
    if claimed is not None and ends:
        ax.axhline(claimed, color=INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        ax.set_ylim(top=max(ax.get_ylim()[1], 1.1 * claimed))
        right = max(end[0] for end in ends.values())
        ends = {**ends, f"claimed: {format_value(claimed, 'share')}": (right, claimed, INK)}
    label_ends(ax, ends)


def percent_axis(ax: Axes, label: str) -> None:
    """Label the y axis, whose values are shares, in per cent, from zero; after the drawing."""
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set_ylabel(label)
    ax.set_ylim(bottom=0)


def log_axis(ax: Axes, label: str, axis: str = "y", ticks: Iterable[float] = ()) -> None:
    """Make an axis logarithmic, with numbers written out; with ticks, at those alone."""
    ax.set(**{f"{axis}scale": "log", f"{axis}label": f"{label} (log scale)" if label else ""})
    which = ax.yaxis if axis == "y" else ax.xaxis
    if places := list(ticks):
        which.set_ticks(places)
        which.set_minor_locator(NullLocator())
    which.set_major_formatter("{x:,g}")
    which.set_minor_formatter("")


def batch_axis(ax: Axes, batches: Iterable[int]) -> None:
    """Label an x axis of batch sizes, each twice as wide as the one before."""
    sizes = list(batches)
    ax.set_xscale("log", base=2)
    ax.set_xticks(sizes, [str(size) for size in sizes])
    ax.minorticks_off()
    ax.set_xlabel("sequences decoded together")


def mark_day(ax: Axes, day: pd.Timestamp, words: str) -> None:
    """Draw a thin upright line at a day, with a word on top; nothing where the axis does not reach it."""
    first, last = (mdates.num2date(end).replace(tzinfo=None) for end in ax.get_xlim())
    if first <= day <= last:
        ax.axvline(day, color=GREY, linewidth=1, zorder=0)
        place = (mdates.date2num(day), 1.0)
        ax.annotate(
            words,
            place,
            (0, 2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            color=GREY,
            ha="center",
        )


def week_axis(ax: Axes) -> None:
    """Label an x axis of dates with a few months and years."""
    locator = mdates.AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))
