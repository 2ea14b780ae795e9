"""Scores, pairs of models and tool calls in sentences. Differences are parts of one, unless said otherwise."""

import pandas as pd

from analysis.measures.origins import ADJECTIVES, SIDES
from analysis.prose import date_words, known, number_word, percent, sentences

V2_REPORT = "2024-05-07"
"""Day of the report on DeepSeek V2."""

POINTS = ["difference", "low", "high"]
"""A difference and the ends of its interval, in a frame."""


def span(low: float, high: float, less: str = "fewer", more: str = "more") -> str:
    """Two ends of a difference, in words for its two directions.

    Examples
    --------
    >>> span(-7.42, -1.0), span(-4.7, 1.2), span(1.0, 3.0)
    ('1.0 to 7.4 fewer', '4.7 fewer to 1.2 more', '1.0 to 3.0 more')
    """
    if high < 0:
        return f"{-high:.1f} to {-low:.1f} {less}"
    return f"{low:.1f} to {high:.1f} {more}" if low >= 0 else f"{-low:.1f} {less} to {high:.1f} {more}"


def compared(first: str, second: str, test: pd.Series) -> str:
    """How many more or fewer questions the first of two solved, with what chance leaves open.

    Parameters
    ----------
    first, second : str
        The two models.
    test : Series
        difference, low and high, parts of one.

    Examples
    --------
    >>> compared("M2.5", "Opus", pd.Series({"difference": -0.042, "low": -0.074, "high": -0.010}))
    'M2.5 solved 4.2 percentage points fewer than Opus; allowing for chance, 1.0 to 7.4 fewer'
    """
    gap, low, high = (100 * test[end] for end in POINTS)
    way = "fewer" if gap < 0 else "more"
    room = span(low, high)
    return f"{first} solved {abs(gap):.1f} percentage points {way} than {second}; allowing for chance, {room}"


def is_chance(gap: pd.Series) -> bool:
    """Whether chance can explain a difference: its interval has both signs.

    Examples
    --------
    >>> is_chance(pd.Series({"low": -0.01, "high": 0.02})), is_chance(pd.Series({"low": 0.01, "high": 0.02}))
    (True, False)
    """
    return bool(gap["low"] <= 0 <= gap["high"])


def coverage(as_of: str, scores: pd.DataFrame, runs: int, fit: pd.Timestamp, noise: float, noise_of_all: float) -> str:
    """What the tables hold by a day, and how far a score of the index can be trusted.

    Parameters
    ----------
    as_of : str
        The day, ISO.
    scores : DataFrame
        The table ``scores``.
    runs : int
        Models that one party ran with one agent.
    fit : Timestamp
        Day of the index's fit.
    noise, noise_of_all : float
        Noise of a score near the best Chinese one, and over all models, index points.

    Examples
    --------
    >>> rows = pd.DataFrame({"model": ["a", "b"], "self_reported": [True, False]})
    >>> print(coverage("2026-05-25", rows, 31, pd.Timestamp("2026-07-01"), 0.472, 0.28))
    By 25 May 2026 the tables hold 2 scores of 2 models, 1 of them reported by vendors. \
One party ran 31 models with one agent, question by question. \
The index is that of 1 July 2026, the first there is, so its scores were not known on the day. \
A score near the best Chinese one is uncertain by 0.47 index points; over all models it is 0.28.
    >>> coverage("2024-01-01", rows.head(0), 0, pd.Timestamp("2023-07-01"), float("nan"), 0.28)
    'The index is that of 1 July 2023.'
    """
    later = ", the first there is, so its scores were not known on the day" if fit > pd.Timestamp(as_of) else ""
    by_vendors = int(scores["self_reported"].sum())
    of_models = f"{len(scores)} scores of {scores['model'].nunique()} models"
    held = f"By {date_words(as_of)} the tables hold {of_models}, {by_vendors} of them reported by vendors."
    near_best = f"A score near the best Chinese one is uncertain by {noise:.2f} index points"
    uncertain = f"{near_best}; over all models it is {noise_of_all:.2f}."
    return sentences(
        held if len(scores) else "",
        f"One party ran {runs} models with one agent, question by question." if runs else "",
        f"The index is that of {date_words(fit)}{later}.",
        known(uncertain, noise),
        otherwise="",
    )


def scores_title(gaps: pd.DataFrame) -> str:
    """Title of the pairs' scores.

    Examples
    --------
    >>> gaps = pd.DataFrame({"low": [-0.1, 0.1, None], "high": [0.1, 0.2, None]})
    >>> scores_title(gaps)
    'Chance can explain the published difference in one of two pairs'
    >>> scores_title(gaps.iloc[[0, 0]])
    'Chance can explain the published difference in all two pairs'
    >>> scores_title(gaps.tail(1))
    'What one party measured of the pairs that the article compares'
    """
    told = gaps.dropna(subset=["low", "high"])
    if told.empty:
        return "What one party measured of the pairs that the article compares"
    of_chance = int((told["low"].le(0) & told["high"].ge(0)).sum())
    if len(told) == 1:
        return f"The published difference {'can be' if of_chance else 'is more than'} chance"
    if not of_chance:
        return "The published differences are more than chance"
    pairs = f"{number_word(len(told))} pairs"
    of = f"all {pairs}" if of_chance == len(told) else f"{number_word(of_chance)} of {pairs}"
    return f"Chance can explain the published difference in {of}"


def apart_title(tests: pd.DataFrame) -> str:
    """Title of the questions on which pairs disagree.

    Examples
    --------
    >>> tests = pd.DataFrame({"n": [500.0, 500.0], "first_only": [23.0, 20.0], "second_only": [44.0, 54.0]})
    >>> apart_title(tests), apart_title(tests.head(1)), apart_title(tests.head(0))
    ('Each pair disagrees on 67 to 74 of 500 questions', 'The two models disagree on 67 of 500 questions', '')
    """
    if tests.empty:
        return ""
    apart = (tests["first_only"] + tests["second_only"]).astype(int)
    of = f"of {tests['n'].max():.0f} questions"
    if apart.min() == apart.max():
        return f"{'The two models disagree' if len(tests) == 1 else 'Each pair disagrees'} on {apart.max()} {of}"
    return f"Each pair disagrees on {apart.min()} to {apart.max()} {of}"


def parity(gap: pd.Series, test: pd.Series, as_of: str) -> str:
    """What is true instead of B1.

    Parameters
    ----------
    gap, test : Series
        Differences as published and on the same questions: difference, low, high; the latter with n.
    as_of : str
        The day of the run.

    Examples
    --------
    >>> gap = pd.Series({"difference": -0.006})
    >>> print(parity(gap, pd.Series({"difference": -0.042, "low": -0.074, "high": -0.010, "n": 500.0}), "2026-05-25"))
    Both figures are what the two vendors published. \
Run by one party with one agent on the same 500 questions, MiniMax M2.5 solved 4.2 percentage points fewer than \
Claude Opus 4.6; allowing for chance, 1.0 to 7.4 fewer.
    >>> nothing = pd.Series(float("nan"), index=["difference", "low", "high", "n"])
    >>> parity(nothing, nothing, "2026-01-05")
    'By 5 January 2026, the two scores had not both been published.'
    """
    pair = compared("MiniMax M2.5", "Claude Opus 4.6", test)
    return sentences(
        known("Both figures are what the two vendors published.", gap["difference"]),
        known(f"Run by one party with one agent on the same {test['n']:.0f} questions, {pair}.", test["difference"]),
        otherwise=f"By {date_words(as_of)}, the two scores had not both been published.",
    )


def needed(questions: float, n: float, margin: float) -> str:
    """How many questions would show two equally good models to be so.

    Examples
    --------
    >>> needed(1564.2, 500, 0.03)
    'To show two equally good models to be within 3 points, four times in five, takes 1,564 questions. There are 500.'
    >>> needed(float("nan"), float("nan"), 0.03)
    'No one party had run both models yet.'
    """
    takes = f"To show two equally good models to be within {100 * margin:.3g} points, four times in five, takes"
    return known(f"{takes} {questions:,.0f} questions. There are {n:.0f}.", questions) or (
        "No one party had run both models yet."
    )


def reach(points: float, questions: float) -> str:
    """The smallest lead that so many questions show.

    Examples
    --------
    >>> reach(0.0712, 731)
    'With 731 questions for each model, a lead has to be 7.1 points to be shown four times in five.'
    >>> reach(float("nan"), 731)
    'The two scores had not both been published by then.'
    """
    lead = f"a lead has to be {100 * points:.1f} points to be shown four times in five."
    with_questions = known(f"With {questions} questions for each model, {lead}", points)
    return with_questions or "The two scores had not both been published by then."


def first_open(gap: pd.Series, before: pd.DataFrame, as_of: str) -> str:
    """What is true instead of B2.

    Parameters
    ----------
    gap : Series
        Difference as published: difference, low, high.
    before : DataFrame
        Scores above GPT-5.4's before Kimi K2.6's: model, score and date.
    as_of : str
        The day of the run.

    Examples
    --------
    >>> gap = pd.Series({"difference": 0.009, "low": -0.04, "high": 0.06})
    >>> before = pd.DataFrame({"model": ["GLM-5.1"], "score": [58.4], "date": [pd.Timestamp("2026-04-07")]})
    >>> print(first_open(gap, before, "2026-05-25"))
    Both scores are as published. Kimi K2.6 was not the first: GLM-5.1 had 58.4 on 7 April 2026. \
The difference of 0.9 points can be chance.
    >>> first_open(gap * float("nan"), before, "2026-04-01")
    'By 1 April 2026, the two scores had not both been published.'
    """
    chance = "can be chance" if is_chance(gap) else "is more than chance"
    earlier = [f"{row.model} had {row.score} on {date_words(row.date)}" for row in before.itertuples()]
    not_first = f"Kimi K2.6 was not the first: {'; '.join(earlier)}." if earlier else ""
    return sentences(
        known("Both scores are as published.", gap["difference"]),
        known(not_first, gap["difference"]),
        known(f"The difference of {abs(100 * gap['difference']):.1f} points {chance}.", gap["difference"]),
        otherwise=f"By {date_words(as_of)}, the two scores had not both been published.",
    )


def two_indices(note: float, gap: pd.Series, as_of: str) -> str:
    """What is true instead of B3.

    Parameters
    ----------
    note : float
        The score that a secondary note gives.
    gap : Series
        value, low and high of the difference on the public index, in its points.
    as_of : str
        The day of the run.

    Examples
    --------
    >>> print(two_indices(87.0, pd.Series({"value": -6.5, "low": -8.9, "high": -5.2}), "2026-05-25"))
    No public table has the two figures: a secondary note gives the 87, nothing the 88. \
On the Epoch index, DeepSeek V4 Pro is 6.5 index points behind GPT-5.4; \
allowing for the noise of the index, 5.2 to 8.9 behind.
    """
    side = "behind" if gap["value"] < 0 else "ahead of"
    room = span(gap["low"], gap["high"], "behind", "ahead")
    distance = f"{abs(gap['value']):.1f} index points {side} GPT-5.4; allowing for the noise of the index, {room}"
    return sentences(
        known("No public table has the two figures: a secondary note gives the 87, nothing the 88.", note),
        known(f"On the Epoch index, DeepSeek V4 Pro is {distance}.", gap["value"]),
        otherwise=f"By {date_words(as_of)}, no public source had either figure.",
    )


def vendors_table(scores: pd.Series, gap: pd.Series, test: pd.Series, as_of: str) -> str:
    """What is true instead of B4.

    Parameters
    ----------
    scores : Series
        The two scores in the table of GLM's vendor: first, second.
    gap, test : Series
        As for ``parity``.
    as_of : str
        The day of the run.

    Examples
    --------
    >>> gap = pd.Series({"difference": 0.011, "low": -0.04, "high": 0.06})
    >>> test = pd.Series({"difference": -0.018, "low": -0.047, "high": 0.012, "n": 500.0})
    >>> print(vendors_table(pd.Series({"first": 58.4, "second": 57.3}), gap, test, "2026-05-25"))
    In the table of GLM's vendor it leads by 58.4 to 57.3, which can be chance. \
On the same 500 questions with one agent, GLM-5.1 solved 1.8 percentage points fewer than Claude Opus 4.6; \
allowing for chance, 4.7 fewer to 1.2 more.
    """
    doubt = ", which can be chance" if is_chance(gap) else ""
    pair = compared("GLM-5.1", "Claude Opus 4.6", test)
    leads = f"In the table of GLM's vendor it leads by {scores['first']} to {scores['second']}{doubt}."
    return sentences(
        known(leads, gap["difference"]),
        known(f"On the same {test['n']:.0f} questions with one agent, {pair}.", test["difference"]),
        otherwise=f"By {date_words(as_of)}, GLM-5.1 had no published score.",
    )


def surplus_title(surplus: pd.DataFrame) -> str:
    """Title of what vendors report beside what others measure.

    Examples
    --------
    >>> surplus_title(pd.DataFrame({"median": [0.05]}, index=["all"]))
    'Vendors report scores 5.0 points higher for their own models than others measure'
    >>> surplus_title(pd.DataFrame())
    ''
    """
    if "all" not in surplus.index:
        return ""
    points = 100 * surplus["median"]["all"]
    way = "lower" if points < 0 else "higher"
    return f"Vendors report scores {abs(points):.1f} points {way} for their own models than others measure"


def surplus(by_side: pd.DataFrame) -> str:
    """By how much vendors report more, side by side.

    Examples
    --------
    >>> rows = {"median": [0.058, 0.041, 0.05], "size": [4, 1, 5]}
    >>> print(surplus(pd.DataFrame(rows, index=["CN", "US", "all"])))
    For four Chinese models, vendors report a median of 5.8 points more than others measure. For one US model, the \
vendor reports 4.1 points more than others measure. These are too few models to set the two sides against each other.
    >>> surplus(pd.DataFrame({"median": [], "size": []}))
    "No vendor's score had been measured by others yet."
    """
    told = []
    for side in [side for side in SIDES if side in by_side.index]:
        points, size = 100 * by_side["median"][side], int(by_side["size"][side])
        amount = f"{abs(points):.1f} points {'fewer' if points < 0 else 'more'}"
        of = f"{number_word(size)} {ADJECTIVES[side]} model"
        if size == 1:
            told.append(f"For {of}, the vendor reports {amount} than others measure.")
        else:
            told.append(f"For {of}s, vendors report a median of {amount} than others measure.")
    few = "These are too few models to set the two sides against each other."
    return sentences(*told, few if told else "", otherwise="No vendor's score had been measured by others yet.")


def same_outcome(alike: pd.Series, all_tasks: pd.Series, as_of: str) -> str:
    """What is true instead of B8.

    Parameters
    ----------
    alike : Series
        n, same, share and chance, as ``paired.same_outcome`` gives them.
    all_tasks : Series
        The difference over the tasks of both benchmarks, with n.
    as_of : str
        The day of the run.

    Examples
    --------
    >>> alike = pd.Series({"n": 500.0, "same": 433.0, "share": 0.866, "chance": 0.621})
    >>> test = pd.Series({"difference": -0.072, "low": -0.097, "high": -0.046, "n": 933.0})
    >>> print(same_outcome(alike, test, "2026-05-25"))
    MiniMax M2.5 and Claude Opus 4.6 had the same outcome on 433 of 500 tasks (86.6%). \
Two unrelated models with their scores would have it on 62.1%. \
Over all 933 tasks, MiniMax M2.5 solved 7.2 percentage points fewer than Claude Opus 4.6; \
allowing for chance, 4.6 to 9.7 fewer.
    """
    on = f"on {alike['same']:.0f} of {alike['n']:.0f} tasks ({percent(alike['share'], 1)})"
    pair = compared("MiniMax M2.5", "Claude Opus 4.6", all_tasks)
    return sentences(
        known(f"MiniMax M2.5 and Claude Opus 4.6 had the same outcome {on}.", alike["share"]),
        known(
            f"Two unrelated models with their scores would have it on {percent(alike['chance'], 1)}.", alike["chance"]
        ),
        known(f"Over all {all_tasks['n']:.0f} tasks, {pair}.", all_tasks["difference"]),
        otherwise=f"By {date_words(as_of)}, no one party had run both models.",
    )


def kinds_title(kinds: pd.Series) -> str:
    """Title of the chart of all pairs.

    Examples
    --------
    >>> kinds_title(pd.Series({"equivalent": 0, "undecided": 56, "different": 184}))
    'Of 240 pairs, 184 are shown to differ and not one is shown to be equally good'
    >>> kinds_title(pd.Series({"equivalent": 0, "undecided": 0, "different": 0}))
    ''
    """
    if not kinds.sum():
        return ""
    equal = f"{kinds['equivalent']} to be" if kinds["equivalent"] else "not one is shown to be"
    return f"Of {kinds.sum():,} pairs, {kinds['different'] or 'not one'} are shown to differ and {equal} equally good"


def calls_title(valid: float) -> str:
    """Title of the chart of providers.

    Examples
    --------
    >>> calls_title(0.922)
    'Where others than the vendor served Kimi K2 Thinking, 7.8% of its tool calls were malformed'
    """
    malformed = percent(1 - valid, 1)
    return known(
        f"Where others than the vendor served Kimi K2 Thinking, {malformed} of its tool calls were malformed", valid
    )


def tool_calls(valid: float, by_vendor: float, providers: int, when: pd.Timestamp, as_of: str) -> str:
    """What is true instead of B7.

    Parameters
    ----------
    valid, by_vendor : float
        Share of valid calls where third parties served the model (the mean over them), and where its vendor did.
    providers : int
        How many third parties.
    when : Timestamp
        The day of the count.
    as_of : str
        The day of the run.

    Examples
    --------
    >>> print(tool_calls(0.922, 1.0, 11, pd.Timestamp("2025-11-15"), "2026-05-25"))
    In November 2025, 7.8% of Kimi K2 Thinking's tool calls were malformed where 11 third parties served it. \
Where its vendor served it, not one was.
    >>> tool_calls(float("nan"), float("nan"), 0, pd.NaT, "2025-01-01")
    'By 1 January 2025, nobody had published a count of malformed tool calls.'
    """
    own = f"{percent(1 - by_vendor, 1)} were" if by_vendor < 1 else "not one was"
    month = f"{when:%B %Y}" if pd.notna(when) else ""
    malformed = f"{percent(1 - valid, 1)} of Kimi K2 Thinking's tool calls were malformed"
    return sentences(
        known(f"In {month}, {malformed} where {providers} third parties served it.", valid),
        known(f"Where its vendor served it, {own}.", by_vendor),
        otherwise=f"By {date_words(as_of)}, nobody had published a count of malformed tool calls.",
    )


UNCHECKED = (
    "Not checked here: no board in the tables scores current models of both sides on long video, "
    "and no table rates English prose or counts integrations."
)
"""What is said of B9."""


def training_data(as_of: str) -> str:
    """What is true instead of B10.

    Examples
    --------
    >>> training_data("2024-01-01")
    'No lab has published the languages of the data that the models of the article are trained on.'
    >>> training_data("2026-05-25").endswith("its vendor gave slightly more Chinese than English.")
    True
    """
    unknown = "No lab has published the languages of the data that the models of the article are trained on."
    of_v2 = "For DeepSeek V2, of 2024, its vendor gave slightly more Chinese than English."
    return f"{unknown} {of_v2}" if as_of >= V2_REPORT else unknown
