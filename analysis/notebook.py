"""What all notebooks begin and end with: parameters checked, style set, tables opened, claims judged, sources named."""

import html
from collections.abc import Iterable, Mapping

import pandas as pd
from IPython.display import Markdown

from analysis import InputError, catalog, figures, package, parameters, provenance, register
from analysis.claims import Case
from analysis.criteria import settled
from analysis.findings import RUN_MIME


class Summary:
    """All cases of a notebook as a table; for machines, the day it judges by and the data that it rests on."""

    def __init__(self, cases: Mapping[str, Case], as_of: str, data: Mapping[str, str]) -> None:
        self.verdicts = [case.result for case in cases.values() if case.result]
        self.as_of, self.data = as_of, dict(data)

    def frame(self) -> pd.DataFrame:
        """One row a claim: its quote, what is true instead, and the verdict."""
        rows = [
            {"claim": verdict.id, "the article says": verdict.quote, "what we found": verdict.answer}
            | {"verdict": verdict.words}
            for verdict in self.verdicts
        ]
        return pd.DataFrame(rows, columns=["claim", "the article says", "what we found", "verdict"])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, object]:
        table = self.frame().map(html.escape)
        shown = table.to_html(index=False, escape=False, border=0, justify="left", classes="mathjax_ignore")
        return {
            "text/plain": "\n".join(f"{verdict.id}: {verdict.words}" for verdict in self.verdicts),
            "text/html": shown.replace("<td>", '<td style="text-align: left">'),
            RUN_MIME: {"as_of": self.as_of, "data": self.data},
        }


class Notebook:
    """A notebook of the collection at work, as ``open`` gives it.

    Parameters
    ----------
    name : str
        Its name.
    values : dict
        Value of every parameter.
    """

    def __init__(self, name: str, values: Mapping[str, object]) -> None:
        self.name, self.values, self.as_of = name, dict(values), str(values["as_of"])
        # unless told otherwise, a notebook judges by the day of the article
        self.article_day = pd.Timestamp(str(parameters.read(name)["as_of"].default))
        known = register.read_register()
        self.claims = {key: claim for key, claim in known.items() if claim.notebook == name}
        self._cases: dict[str, Case] = {}
        self._used: list[str] = []

    def load(self, *names: str, empty_before_start: bool = False) -> dict[str, pd.DataFrame]:
        """Tables by name, as they stood on the day that the notebook judges by.

        Parameters
        ----------
        *names : str
            Tables of the data package.
        empty_before_start : bool
            Give a table without rows where it starts later; else that is refused.
        """
        loaded = {name: catalog.load(name, self.as_of, empty_before_start=empty_before_start) for name in names}
        self._use(name for name, table in loaded.items() if len(table))
        return loaded

    def load_whole(self, name: str) -> pd.DataFrame:
        """A table with all its rows, also those published later: for what is shown, with its date, on any day.

        Parameters
        ----------
        name : str
            A table of the data package.
        """
        self._use([name])
        return catalog.load(name)

    def read(self, name: str) -> bytes:
        """Content of a resource that is no table, such as ``architectures``."""
        content = catalog.read_bytes(name)
        self._use([name])
        return content

    def vintage(self, name: str) -> str:
        """When a table was obtained or compiled, in the words of the data package."""
        return str(catalog.resource(name)["vintage"])

    def case(self, name: str) -> Case:
        """Claim of the register under test, with the notebook's parameters in its texts.

        Parameters
        ----------
        name : str
            Id of the claim.

        Raises
        ------
        InputError
            The claim is not this notebook's.
        """
        if name not in self.claims:
            raise InputError(f"No claim of {self.name} in the register is called {name}.")
        self._cases[name] = Case(settled(self.claims[name], self.values), self.as_of)
        return self._cases[name]

    def summary(self) -> Summary:
        """Table of all verdicts; the last thing that a notebook shows before its limits.

        Raises
        ------
        InputError
            A claim that the register gives to this notebook has no verdict.
        """
        judged = {name: case for name, case in self._cases.items() if case.result}
        if missing := [name for name in self.claims if name not in judged]:
            raise InputError(f"Claim {missing[0]} has no verdict in {self.name}: end its section with verdict.")
        return Summary(
            {name: judged[name] for name in self.claims},
            self.as_of,
            catalog.hashes(self._used),
        )

    def sources(self) -> Markdown:
        """Citation, licence and vintage of every table that was opened."""
        return Markdown(provenance.sources(self._used, self.as_of))

    def _use(self, names: Iterable[str]) -> None:
        """Note what the notebook rests on, once it is read; a table without rows by its day is nothing to rest on."""
        self._used += [name for name in names if name not in self._used]


def open(name: str, namespace: Mapping[str, object]) -> Notebook:
    """Begin a notebook: check its parameters, set the style of its figures, read its claims.

    All that it reads is of one state of the data package, also where a refresh writes another meanwhile.

    Parameters
    ----------
    name : str
        Its name.
    namespace : dict
        The notebook's ``globals()``, which hold its parameters.

    Raises
    ------
    InputError
        A parameter is unknown or not allowed; one sentence that names it.

    Examples
    --------
    >>> values = {name: parameter.default for name, parameter in parameters.read("01_share_shift").items()}
    >>> open("01_share_shift", values).as_of
    '2026-05-25'
    """
    package.hold()
    parameters.check_notebook(name, namespace)
    figures.use_style()
    return Notebook(name, {key: namespace[key] for key in parameters.read(name)})
