import hashlib
import json
import re
from datetime import date, datetime
from pathlib import Path

import frictionless
import pandas as pd
import pytest

from analysis import DATA, InputError, catalog, provenance
from conftest import rewrite


def test_author_week_has_the_promised_shape():
    frame = catalog.load("author_week")
    types = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert types["week_start"].startswith("datetime64")
    assert types["author"] == "category"
    assert types["total_tokens"] == "int64"
    assert frame["week_start"].nunique() == 91
    assert frame["week_start"].dt.day_of_week.eq(0).all()


def test_an_independent_reader_of_data_packages_finds_the_package_valid():
    report = frictionless.validate(str(DATA / "datapackage.json"))
    assert report.valid, report.flatten(["type", "note", "message"])


def test_every_field_has_a_type_a_unit_and_a_sentence():
    tables = [entry for entry in catalog.descriptor(DATA)["resources"] if "schema" in entry]
    fields = [(entry["name"], field) for entry in tables for field in entry["schema"]["fields"]]
    assert {name for name, field in fields if not (field["type"] and "unit" in field and field["description"])} == set()
    assert all(field["description"].endswith(".") for _, field in fields)


@pytest.mark.parametrize("key", ["title", "description", "sources", "licenses", "citation", "vintage", "hash", "bytes"])
def test_every_resource_says_where_it_is_from(key):
    assert all(entry[key] for entry in catalog.descriptor(DATA)["resources"])


def test_a_week_counts_as_published_on_the_day_after_its_sunday():
    ended = pd.Timestamp("2026-05-18")
    assert catalog.load("author_week", "2026-05-25")["week_start"].max() == ended
    assert catalog.load("author_week", "2026-05-24")["week_start"].max() == ended - pd.Timedelta(weeks=1)


def test_a_date_after_the_last_row_is_served():
    pd.testing.assert_frame_equal(catalog.load("author_week", "2030-01-01"), catalog.load("author_week"))


def test_a_date_before_the_table_is_refused_with_the_first_date_there_is():
    with pytest.raises(InputError, match=r"as_of 2024-12-31 lies before .* author_week.* 2025-01-06"):
        catalog.load("author_week", "2024-12-31")


def test_the_first_day_there_is_is_served():
    assert catalog.load("author_week", "2025-01-06")["week_start"].max() == pd.Timestamp("2024-12-30")


def test_dates_may_be_given_as_dates():
    expected = catalog.load("author_week", "2026-05-25")
    for day in (date(2026, 5, 25), datetime(2026, 5, 25, 12), pd.Timestamp("2026-05-25")):
        pd.testing.assert_frame_equal(catalog.load("author_week", day), expected)


def test_a_table_that_has_not_started_may_be_asked_for_without_rows():
    frame = catalog.load("model_day", "2026-01-26", empty_before_start=True)
    assert frame.empty
    assert frame["total_tokens"].dtype == "int64"


@pytest.mark.parametrize("bad", ["2026-13-01", "yesterday", "", None, 20260525.5, "2026-5-25", "0000-01-01"])
def test_a_date_that_is_none_is_refused(bad):
    with pytest.raises(InputError, match="as_of must be a date such as 2026-05-25"):
        catalog.parse_day(bad)


def test_an_unknown_table_is_refused_with_the_tables_there_are():
    with pytest.raises(InputError, match=r"no table 'authorweek'; it has author_week, "):
        catalog.load("authorweek")


def test_a_changed_byte_is_refused(data_copy: Path):
    path = data_copy / "author_week.csv"
    path.write_bytes(path.read_bytes().replace(b"134592543982", b"134592543983"))
    with pytest.raises(InputError, match=r"author_week\.csv is not the file that datapackage\.json describes"):
        catalog.load("author_week", root=data_copy)


FIRST = "2024-12-30,anthropic,134592543982,5\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2024-12-30,anthropic,-1,5\n", "line 2, column total_tokens: the least allowed is 0; found '-1'"),
        ("2024-12-30,anthropic,1.5,5\n", "line 2, column total_tokens: expected a valid integer; found '1.5'"),
        ("2024-12-30,anthropic,9223372036854775808,5\n", "line 2, column total_tokens: expected a valid integer"),
        ("2024-12-30,anthropic,,5\n", "line 2, column total_tokens: a value is required; found ''"),
        ("2024-12-30,anthropic,1,8\n", "line 2, column days_observed: the most allowed is 7; found '8'"),
        ("2024-02-30,anthropic,1,5\n", "line 2, column week_start: expected a valid date; found '2024-02-30'"),
        ("2024-12-31,anthropic,1,5\n", "line 2, column week_start: the day of the week must be number 1; found"),
        ("2024-12-30,anthropic,\u0661,5\n", "line 2, column total_tokens: expected a valid integer"),
        ("2024-12-30,anthropic,1,5,9\n", "line 2 has 5 fields; expected 4"),
        ("2024-12-30,anthropic,1\n", "line 2 has 3 fields; expected 4"),
        ("\n\n2024-12-30,anthropic,-1,5\n", "line 4, column total_tokens: the least allowed is 0; found '-1'"),
        (FIRST + FIRST, "line 3, column author: the row repeats the key (week_start, author) of an earlier one"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_column(data_copy: Path, row: str, message: str):
    rewrite(data_copy, "author_week", lambda text: text.replace(FIRST, row))
    with pytest.raises(InputError, match=re.escape(f"author_week.csv {message}")):
        catalog.load("author_week", root=data_copy)


def test_a_country_that_is_no_code_and_a_kind_that_is_unknown_are_refused(data_copy: Path):
    rewrite(data_copy, "authors", lambda text: text.replace("Anthropic,author,US", "Anthropic,author,USA"))
    with pytest.raises(InputError, match=r"authors\.csv line 2, column country: it must match"):
        catalog.load("authors", root=data_copy)
    rewrite(data_copy, "authors", lambda text: text.replace("Anthropic,author,USA", "Anthropic,firm,US"))
    with pytest.raises(InputError, match="column kind: allowed are author, anonymous, aggregate; found 'firm'"):
        catalog.load("authors", root=data_copy)


def test_a_table_without_rows_is_refused(data_copy: Path):
    rewrite(data_copy, "author_week", lambda text: text.splitlines()[0] + "\n")
    with pytest.raises(InputError, match=r"author_week\.csv has a header and no rows"):
        catalog.load("author_week", root=data_copy)


def test_a_missing_column_and_an_empty_file_are_refused(data_copy: Path):
    rewrite(data_copy, "author_week", lambda text: text.replace(",days_observed", ",days"))
    with pytest.raises(InputError, match="has the columns week_start, author, total_tokens, days; expected week_start"):
        catalog.load("author_week", root=data_copy)
    rewrite(data_copy, "author_week", lambda text: "")
    with pytest.raises(InputError, match=r"author_week\.csv has the columns ; expected week_start"):
        catalog.load("author_week", root=data_copy)


def test_a_file_with_an_extra_field_in_every_row_is_refused(data_copy: Path):
    rewrite(data_copy, "author_week", lambda text: text.replace("\n20", "\nx,20"))
    with pytest.raises(InputError, match=r"author_week\.csv line 2 has 5 fields; expected 4"):
        catalog.load("author_week", root=data_copy)


def test_a_file_that_is_not_utf8_is_refused(data_copy: Path):
    path = data_copy / "author_week.csv"
    rewrite(data_copy, "author_week", lambda text: text)
    path.write_bytes(path.read_bytes().replace(b"anthropic", b"\xff", 1))
    package = json.loads((data_copy / "datapackage.json").read_text(encoding="utf-8"))
    package["resources"][0]["hash"] = f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    (data_copy / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(InputError, match=r"author_week\.csv is not a CSV table"):
        catalog.load("author_week", root=data_copy)


def test_a_missing_file_and_a_broken_descriptor_are_refused(data_copy: Path):
    (data_copy / "author_week.csv").unlink()
    with pytest.raises(InputError, match=r"author_week\.csv is missing"):
        catalog.check(data_copy)
    for text, message in [("{", "is not JSON"), ("[]", "lists no resources"), ("{}", "lists no resources")]:
        (data_copy / "datapackage.json").write_text(text)
        with pytest.raises(InputError, match=rf"datapackage\.json {message}"):
            catalog.check(data_copy)


def test_counts_beyond_the_precision_of_floats_are_exact(data_copy: Path):
    rewrite(data_copy, "author_week", lambda text: text.replace("134592543982", "9007199254740993"))
    assert catalog.load("author_week", root=data_copy)["total_tokens"].iloc[0] == 9007199254740993


def test_an_author_called_na_stays_a_name(data_copy: Path):
    rewrite(data_copy, "author_week", lambda text: text.replace("2024-12-30,anthropic", "2024-12-30,NA"))
    assert catalog.load("author_week", root=data_copy)["author"].iloc[0] == "NA"


def test_a_citation_is_dated_no_later_than_the_data():
    assert "as of 2026-05-25." in provenance.citation("author_week", "2026-05-25")
    assert "as of 2026-09-28." in provenance.citation("author_week", "2030-01-01")


def test_sources_carry_citation_vintage_and_hash():
    text = provenance.sources(["author_week"], "2026-05-25")
    assert "Source: OpenRouter (openrouter.ai/rankings), as of 2026-05-25. Licensed under CC BY 4.0." in text
    assert "Vintage: late September 2026" in text
    assert catalog.hashes(["author_week"])["author_week"][:12] in text
    assert "2025-06-15 and 2025-07-15 are missing at the source" in text


def test_a_refreshed_table_moves_the_last_day_that_can_be_judged(data_copy):
    descriptor = data_copy / "datapackage.json"
    package = json.loads(descriptor.read_text(encoding="utf-8"))
    for vintage, last in (("2031-02-03", "2031-02-03"), ("late 2040", catalog.taken_on())):
        package["resources"][0]["vintage"] = vintage
        descriptor.write_text(json.dumps(package), encoding="utf-8")
        assert catalog.taken_on(data_copy) == last
