"""The one style of the figures, and the helpers that several notebooks draw with."""

import textwrap
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

import matplotlib as mpl
import matplotlib.dates as mdates
import pandas as pd
from IPython.display import HTML, display
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator, PercentFormatter
from matplotlib.transforms import Bbox

from analysis import findings
from analysis.prose import format_value

COLOURS = {
    "CN": "#D55E00",
    "US": "#0072B2",
    "elsewhere": "#009E73",
    "anonymous": "#CC79A7",
    "unknown": "#7F7F7F",
    "other": "#595959",
}
"""Colour of each origin, from the palette of Okabe and Ito (2008), which the colour-blind can tell apart."""

NAMES = {
    "CN": "China",
    "US": "United States",
    "elsewhere": "elsewhere",
    "anonymous": "anonymous",
    "unknown": "unknown",
    "other": "below top 50",
}
"""What the figures call each origin."""

_INK, _GREY = "#333333", "#595959"

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
    "axes.labelcolor": _INK,
    "axes.grid": False,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "lines.linewidth": 2,
    "legend.frameon": False,
}


def use_style() -> None:
    """Set the style for all figures of a notebook."""
    mpl.rcParams.update(_STYLE)


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
    figure = ax.get_figure(root=True)
    assert figure is not None
    if not ax.has_data():
        ax.set_axis_off()
        ax.annotate("no data by this date", (0.5, 0.5), xycoords="axes fraction", ha="center", color=_GREY)
    figure.suptitle(textwrap.fill(title, 78), x=0.01, ha="left", fontsize=12, weight="bold")
    figure.supxlabel(f"Source: {source}. As of {as_of}.", x=0.01, ha="left", fontsize=8, color=_GREY)
    picture = BytesIO()
    figure.savefig(picture, dpi=2 * figure.dpi, metadata={"Software": None})
    width, height = (int(inches * figure.dpi) for inches in figure.get_size_inches())
    plt.close(figure)
    details = {"alt": title, "width": width, "height": height}
    display({"image/png": picture.getvalue(), "text/plain": title}, metadata={"image/png": details}, raw=True)


def table(frame: pd.DataFrame, summary: str = "", open_rows: int = 16) -> HTML:
    """Table under a figure; a long one is folded behind its summary line. All rows and columns are there.

    Parameters
    ----------
    frame : DataFrame
        Rounded numbers, or text.
    summary : str
        Line to unfold it by; needed only where it may be long.
    open_rows : int
        A table with more rows than this is folded.
    """
    html = frame.to_html(border=0, justify="right", na_rep="–", classes="mathjax_ignore")
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
    _label_with_claim(ax, ends, claimed)


def cutoff_curve(ax: Axes, curve: pd.DataFrame, ends: pd.DataFrame, origins: list[str], claimed: float) -> None:
    """Draw shares against the number of models counted, and beside them the shares that count more than models tell.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    curve : DataFrame
        Shares by number of models; a column for each origin.
    ends : DataFrame
        The same columns; a row for each further point, its index being the label of the tick.
    origins : list of str
        Columns to draw.
    claimed : float
        A claimed share, drawn as a dashed line.
    """
    if curve.empty:
        return
    last = max(curve.index)
    places = [last + 6 * (step + 1) for step in range(len(ends))]
    for origin in origins:
        ax.plot(curve.index, curve[origin], color=COLOURS[origin])
        joined = pd.concat([curve[origin].tail(1), ends[origin].set_axis(places)])
        ax.plot(joined.index, joined, color=COLOURS[origin], linestyle=":", marker="o", markevery=range(-len(ends), 0))
    ticks = [n for n in (1, 10, 20, 30, 40, 50) if n <= last]
    ax.set_xticks([*ticks, *places], [*map(str, ticks), *ends.index])
    ax.set_ylim(0, 1)
    _label_with_claim(ax, {NAMES[o]: (places[-1], ends[o].iloc[-1], COLOURS[o]) for o in origins}, claimed)


def origin_bars(ax: Axes, values: pd.Series, origins: pd.Series) -> None:
    """Draw a horizontal bar for each value, largest on top, in the colour of its origin, with the origins' names."""
    ax.barh(values.index, values, color=origins.map(COLOURS))
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    for row, origin in enumerate(origin for origin in reversed(COLOURS) if origin in set(origins)):
        place = (1, 0.06 + 0.07 * row)
        ax.annotate(NAMES[origin], place, xycoords="axes fraction", ha="right", color=COLOURS[origin], weight="bold")


def paired_stacks(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw a pair of stacked bars a week, Chinese and US: paid in full colour, free of charge hatched on top.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        Indexed by week; columns (origin, "paid" or "free").
    """
    if frame.empty:
        return
    places = range(len(frame))
    for shift, origin in ((-0.2, "CN"), (0.2, "US")):
        at = [place + shift for place in places]
        paid, free = frame[origin, "paid"], frame[origin, "free"]
        ax.bar(at, paid, 0.38, color=COLOURS[origin], label=f"{NAMES[origin]}, paid")
        ax.bar(at, free, 0.38, paid, color="white", edgecolor=COLOURS[origin], hatch="////", label="free of charge")
    shown = places[:: 1 + len(frame) // 14]
    ax.set_xticks(list(shown), frame.index[shown].strftime("%d %b\n%Y"))
    ax.tick_params(axis="x", labelsize=8)
    ax.set_xlim(-0.6, max(len(frame), 6) - 0.4)
    ax.legend(loc="upper left", ncols=2)
    ax.set_ylim(0, 1.35 * frame.T.groupby(level=0).sum().to_numpy().max())


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
    bar = {"label": label}
    sns.heatmap(frame, ax=ax, center=centre, cmap="PuOr_r", annot=True, fmt=fmt, linewidths=1, cbar_kws=bar)
    if band is not None:
        for row, column in zip(*frame.ge(band[0]).to_numpy().nonzero(), strict=True):
            if frame.iloc[row, column] <= band[1]:
                place = (column + 0.04, row + 0.04)
                ax.add_patch(Rectangle(place, 0.92, 0.92, fill=False, edgecolor="black", linewidth=2))
    ax.set(xlabel="", ylabel="")
    ax.tick_params(axis="both", length=0, rotation=0)


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
    figure.draw_without_rendering()
    taken = [Bbox([place - 4, place + 4]) for place in ax.transData.transform(points.to_numpy())]
    for name, row in points.iterrows():
        for across, side in ((6, "left"), (-6, "right")):
            label = ax.annotate(str(name), tuple(row), xytext=(across, -3), textcoords="offset points", ha=side)
            label.set(fontsize=8, color=_GREY)
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


def _label_with_claim(ax: Axes, ends: Mapping[str, tuple[Any, float, str]], claimed: float | None) -> None:
    """Label the ends of lines and, as one of them, the dashed line of a claimed share."""
    if claimed is not None and ends:
        ax.axhline(claimed, color=_INK, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        ax.set_ylim(top=max(ax.get_ylim()[1], 1.1 * claimed))
        right = max(end[0] for end in ends.values())
        ends = {**ends, f"claimed: {format_value(claimed, 'share')}": (right, claimed, _INK)}
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


def week_axis(ax: Axes) -> None:
    """Label an x axis of dates with a few months and years."""
    locator = mdates.AutoDateLocator(minticks=3, maxticks=8)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))


def interval_dots(ax: Axes, frame: pd.DataFrame, names: Mapping[str, str] = NAMES) -> None:
    """Draw a dot with its interval a row, the first on top, in the colour of its origin.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        The index is the label of the row, and rows of one label share it; columns value, low, high, origin. An
        interval that is missing is left out.
    names : dict
        What the legend calls each origin.
    """
    labels = list(dict.fromkeys(frame.index))
    for origin, rows in frame.groupby("origin", sort=False):
        shift = 0.14 * (1 if origin == "CN" else -1) * frame.index.has_duplicates
        at = [labels.index(label) - shift for label in rows.index]
        ax.hlines(at, rows["low"], rows["high"], color=COLOURS[origin], linewidth=2, alpha=0.45)
        ax.scatter(rows["value"], at, color=COLOURS[origin], s=32, zorder=3, label=names[origin])
    if labels:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, handletextpad=0.1)
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)


def discordant_bars(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw, a row a pair, the questions that the first alone solved to the left and the second alone to the right.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        The index is the label of the pair; columns first_only and second_only.
    """
    for side, (column, origin) in {-1: ("first_only", "CN"), 1: ("second_only", "US")}.items():
        bars = ax.barh(frame.index, side * frame[column], color=COLOURS[origin], height=0.6)
        ax.bar_label(bars, labels=[f"{value:.0f}" for value in frame[column]], padding=3)
        place = (0.5 + 0.02 * side, 1.02)
        align = "left" if side > 0 else "right"
        words = f"solved by the {'US' if side > 0 else 'Chinese'} model alone"
        ax.annotate(words, place, xycoords="axes fraction", ha=align, color=COLOURS[origin], weight="bold")
    widest = 1.25 * frame[["first_only", "second_only"]].to_numpy().max(initial=1)
    ax.set_xlim(-widest, widest)
    ax.invert_yaxis()
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.axvline(0, color=_INK, linewidth=1)
    ax.spines[["left", "bottom"]].set_visible(False)


def pair_forest(ax: Axes, pairs: pd.DataFrame, margin: float) -> None:
    """Draw the interval of every pair's difference, in order of the difference, by what is shown.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    pairs : DataFrame
        Columns difference, low, high (parts of one) and shown.
    margin : float
        Half width of the band of equivalence, drawn grey.
    """
    pairs = pairs.sort_values("difference").reset_index(drop=True)
    colours = {"different": "#882255", "undecided": "#8A8A8A", "equivalent": "#117733"}
    ax.axvspan(-100 * margin, 100 * margin, color="#EEEEEE", zorder=0)
    ax.axvline(0, color=_INK, linewidth=1, zorder=1)
    for row, (shown, colour) in enumerate(colours.items()):
        rows = pairs[pairs["shown"].eq(shown)]
        ax.hlines(rows.index, 100 * rows["low"], 100 * rows["high"], color=colour, linewidth=0.8, alpha=0.6)
        ax.scatter(100 * rows["difference"], rows.index, color=colour, s=8, zorder=3)
        place = (0.02, 0.95 - 0.06 * row)
        ax.annotate(f"{shown}: {len(rows)} pairs", place, xycoords="axes fraction", color=colour, weight="bold")
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)


def frontier_steps(ax: Axes, steps: pd.DataFrame, lag: pd.Series) -> None:
    """Draw the best score of each origin over time as steps, and a lag as a bar at the score it is measured at.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    steps : DataFrame
        Indexed by day, a column an origin: its best score so far.
    lag : Series
        reached and day, from when until when; score, at which height; months.
    """
    if pd.notna(lag["reached"]):
        ax.plot([lag["reached"], lag["day"]], [lag["score"]] * 2, color=_INK, linewidth=3, solid_capstyle="butt")
        place = (lag["reached"], lag["score"])
        words = f"lag: {format_value(lag['months'], 'months')}"
        ax.annotate(words, place, xytext=(-5, 4), textcoords="offset points", ha="right", va="bottom", color=_INK)
    week_axis(ax)
    origin_lines(ax, steps, list(steps.columns), drawstyle="steps-post")


def lag_panels(figure: Figure, lags: Mapping[str, pd.DataFrame], claimed: tuple[float, float]) -> Axes:
    """Draw the lag through time, a panel a board; a lower bound is dotted, the claimed range grey.

    Parameters
    ----------
    figure : Figure
        Where to draw.
    lags : dict
        Board to a frame indexed by day: months and censored.
    claimed : tuple of float
        The claimed range of months.

    Returns
    -------
    Axes
        The first panel.
    """
    columns = 4
    axes = figure.subplots(max(1, -(-len(lags) // columns)), columns, sharex=True, sharey=True, squeeze=False)
    for ax, (board, frame) in zip(axes.flat, lags.items(), strict=False):
        ax.axhspan(*claimed, color="#DDDDDD", zorder=0)
        for dotted, style in ((False, "-"), (True, ":")):
            line = frame["months"].where(frame["censored"].eq(dotted))
            ax.plot(line.index, line, color=COLOURS["CN"], linestyle=style, marker="." if len(frame) < 3 else "")
        ax.set_title(textwrap.fill(board, 22), fontsize=8)
        ax.tick_params(labelsize=8)
        ax.xaxis.set_major_locator(mdates.YearLocator())
        ax.xaxis.set_major_formatter(mdates.DateFormatter("%Y"))
    for place, ax in enumerate(axes.flat):
        ax.tick_params(labelbottom=place + columns >= len(lags))
        ax.set_axis_on() if place < len(lags) else ax.set_axis_off()
    axes[0, 0].set_ylim(bottom=0)
    figure.supylabel("lag in months (grey: as claimed; dotted: a lower bound)", fontsize=10)
    return axes[0, 0]


def dumbbells(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw, a row a model, what its vendor reported (filled) and what others measured (hollow).

    Parameters
    ----------
    ax : Axes
        Where to draw.
    frame : DataFrame
        Indexed by model; columns origin, reported, measured; a model may have several rows.
    """
    rows = list(dict.fromkeys(frame.index))
    at = pd.Series([rows.index(name) for name in frame.index], index=frame.index)
    colours = frame["origin"].map(COLOURS)
    ax.hlines(at, frame["measured"], frame["reported"], color=colours, linewidth=1, alpha=0.5)
    ax.scatter(frame["reported"], at, color=colours, s=36, zorder=3)
    ax.scatter(frame["measured"], at, facecolor="white", edgecolor=colours, s=36, zorder=4)
    words = f"filled: reported by a vendor; hollow: measured by others; {NAMES['CN']} orange, {NAMES['US']} blue"
    ax.annotate(words, (0, 1.02), xycoords="axes fraction", color=_GREY, fontsize=9)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
