"""What is promised of the repository as a whole."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from analysis import ROOT, parameters
from analysis.register import read_register
from analysis.report import articles

COMMANDS = ("run", "verdicts", "explain", "publish", "refresh", "describe", "new", "bench")
TEXT = {".py", ".md", ".toml", ".json", ".ipynb", ".yml", ".cff", ".lock", ".csv", ".txt", ".j2", ".cfg", ""}


def tracked() -> list[str]:
    """Files that git tracks: someone's scratch file beside them is no part of the repository."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\n") if name and (ROOT / name).is_file()]


def test_conda_and_pip_users_get_the_same_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {*project["dependencies"], *project["optional-dependencies"]["dev"]}
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    *packages, by_pip = conda[-1]["pip"]
    assert {*conda[:-1], *packages} == wanted | {f"python{project['requires-python']}", "pip"}
    assert by_pip == "-e ."


def test_the_lock_pins_every_package_exactly_and_carries_no_address():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.match(r"^[a-z0-9][a-z0-9._-]*==[\w.+!]+( ; .+)?$", line)] == []


def test_the_lock_holds_every_package_that_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    locked = {line.split("==")[0] for line in (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()}
    assert {re.split(r"[<>=]", name)[0] for name in wanted} <= locked


def test_ci_calls_the_command_that_the_readme_names():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\nmake test\n" in readme
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "- run: make test\n" in (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")


def test_the_readme_is_read_in_a_few_minutes():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 120


def test_every_path_and_target_in_the_readme_exists():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in link]
    places = [place for place in re.findall(r"`([\w./]+/[\w./]*)`", readme) if not place.startswith("reports/")]
    assert len(links) > 9
    assert [path for path in {*links, *places} if not (ROOT / path).exists()] == []
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    assert set(re.findall(r"\bmake (report|test|lab|notebooks|lock|\w+(?=`))", readme)) <= targets


@pytest.mark.parametrize("command", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_every_command_explains_itself_with_an_example(command):
    from click.testing import CliRunner

    from analysis.__main__ import main

    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0
    assert f"Example: python -m analysis {' '.join(command[:-1])}" in " ".join(result.output.split())


def command_lines() -> list[str]:
    """Every line that README, data/README and the help give as one to type."""
    from analysis.__main__ import main

    names = ("README.md", "data/README.md", ".github/CONTRIBUTING.md")
    documents = [(ROOT / name).read_text(encoding="utf-8") for name in names]
    blocks = [block for text in documents for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL)]
    inline = [line for text in documents for line in re.findall(r"`(?:\.venv/bin/)?(python -m [^`]+)`", text)]
    helps = [" ".join(taker.help.split()) for taker in (main, *main.commands.values())]
    return [
        *(line.strip() for block in blocks for line in block.splitlines() if line.strip()),
        *(f".venv/bin/{line}" for line in inline),
        *(f".venv/bin/{re.search('Example: (.+)$', text)[1]}" for text in helps),
    ]


def check_analysis(name: str, *arguments: str) -> None:
    """Refuse what ``python -m analysis`` would refuse before it starts."""
    from analysis.__main__ import main

    try:
        given = main.commands[name].make_context(name, list(arguments)).params
    except click.exceptions.Exit:  # --help
        return
    article = articles.read(given["other"]) if given.get("other") else None
    if name == "run":
        texts = dict(setting.split("=", 1) for setting in given["settings"])
        for notebook in given["names"] or parameters.names():
            parameters.parse(notebook, texts)
    if name == "explain":
        assert given["claim"] in (article.register if article else read_register())


@pytest.mark.parametrize("line", command_lines())
def test_every_line_to_type_is_one_that_the_program_takes(line, monkeypatch):
    monkeypatch.chdir(ROOT)
    program, *arguments = shlex.split(line)
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    elif program == ".venv/bin/papermill":
        path, _, *pairs = arguments
        assert (ROOT / path).is_file()
        assert pairs[::3] == ["-p"] * (len(pairs) // 3)
        parameters.parse(Path(path).stem, dict(zip(pairs[1::3], pairs[2::3], strict=True)))
    elif program == "export":
        assert arguments == ["OPENROUTER_API_KEY=..."]
    else:
        assert [program, *arguments[:2]] == [".venv/bin/python", "-m", "analysis"]
        check_analysis(*arguments[2:])


def test_every_command_is_shown_in_the_readme_and_every_option_there_exists():
    from analysis.__main__ import main

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    options = {name for taker in main.commands.values() for option in taker.params for name in option.opts}
    assert {*re.findall(r"(?<![\w-])--[a-z][a-z-]*", re.sub(r"<!--.*?-->", "", readme))} <= {*options, "--help"}
    assert {"run", "verdicts", "explain", "refresh"} <= set(re.findall(r"python -m analysis (\w+)", readme))


def test_the_layout_names_every_room_of_the_package():
    layout = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Layout")[1]
    named = set(re.findall(r"`analysis/(\w+)/`", layout))
    assert named == {path.parent.name for path in (ROOT / "analysis").glob("*/__init__.py")}


def test_the_listed_exit_codes_are_those_of_the_help():
    from analysis.__main__ import main

    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+(?:, \d+)*) \|", text, re.MULTILINE)
    said = re.search(r"Exit status:.*?(?=\n\n)", main.help, re.DOTALL)[0]
    assert ", ".join(rows).split(", ") == re.findall(r"(?<!\w)(\d+)(?= (?:if|for|after))", said)


def test_no_file_carries_a_path_of_a_machine():
    pattern = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")
    found = [
        name
        for name in tracked()
        if (ROOT / name).suffix in TEXT and pattern.search((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_top_level_holds_what_the_design_says():
    folders = {"notebooks", "analysis", "data", "tests", ".ci", ".github"}
    documents = {"README.md", "LICENSE", "CITATION.cff", "environment.yml"}
    tools = {"pyproject.toml", "Makefile", "requirements.lock", ".gitignore"}
    assert {name.split("/")[0] for name in tracked()} == folders | documents | tools


def test_no_file_is_large():
    assert [name for name in tracked() if (ROOT / name).stat().st_size > 2_000_000] == []
