"""What is promised of the repository as a whole."""

import re
import subprocess
import tomllib

import pytest
import yaml

from analysis import ROOT

COMMANDS = ("run", "verdicts", "explain", "publish", "refresh", "bench")
TEXT = {".py", ".md", ".toml", ".json", ".ipynb", ".yml", ".cff", ".lock", ".csv", ".txt", ".j2", ".cfg", ""}


def tracked() -> list[str]:
    """Files that git tracks, or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


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


def test_every_path_and_target_in_the_readme_exists():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in link]
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


def test_every_command_line_of_the_documents_is_one_that_the_program_takes():
    from analysis.__main__ import main

    documents = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "data/README.md")]
    lines = [
        line for text in documents for line in re.findall(r"^\.venv/bin/python -m analysis (.+)$", text, re.MULTILINE)
    ]
    assert {line.split()[0] for line in lines} >= {"run", "refresh", "verdicts", "explain"}
    for line in lines:
        name, *arguments = line.split()
        main.commands[name].make_context(name, arguments)


def test_the_exit_codes_of_the_readme_are_those_of_the_help():
    from analysis.__main__ import main

    rows = re.findall(r"^\| (\d+(?:, \d+)*) \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
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
