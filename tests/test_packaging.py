"""The locked constraints, and the built wheel in an environment that holds nothing but what the wheel says it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ["constraints.txt", "constraints-test.txt"]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PYPROJECT["project"]["optional-dependencies"]


def pinned(lock: str) -> dict[str, str]:
    """Name to version of every release in a lock."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", (ROOT / lock).read_text(), re.M))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_hashes_every_release_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    releases = re.findall(r"^\S+==.*(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)*", text, re.M)
    assert len(releases) == len(pinned(lock)) > 10
    assert [r for r in releases if "--hash" not in r] == []
    assert re.findall(r"://|^--|^-[ir]|@ ", text, re.M) == []


@pytest.mark.parametrize(
    ("requirements", "locks"),
    [
        (PYPROJECT["project"]["dependencies"], LOCKS[:1]),
        (PYPROJECT["build-system"]["requires"], LOCKS[:1]),
        (EXTRAS["test"], LOCKS),
    ],
    ids=["runtime", "build", "test"],
)
def test_the_lock_pins_what_the_project_declares(requirements: list[str], locks: list[str]) -> None:
    pins = {name: version for lock in locks for name, version in pinned(lock).items()}
    for requirement in map(Requirement, requirements):
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier


def test_no_release_is_locked_twice() -> None:
    assert not pinned(LOCKS[0]).keys() & pinned(LOCKS[1]).keys()


def test_textual_is_pinned_exactly_and_pandas_is_for_tests_only() -> None:
    textual = next(r for r in PYPROJECT["project"]["dependencies"] if r.startswith("textual"))
    assert re.fullmatch(r"textual==\d+\.\d+\.\d+", textual)
    assert "pandas" not in pinned("constraints.txt")


def shipped() -> set[str]:
    """Data files that the program reads, as paths inside the wheel."""
    desk = (p for p in (ROOT / "facilities" / "desk").rglob("*") if p.suffix in {".toml", ".csv"})
    starter = (p for p in (ROOT / "facilities" / "starter").rglob("*") if p.is_file())
    words = ROOT / "facilities" / "model" / "words.toml"
    return {p.relative_to(ROOT).as_posix() for p in [*desk, *starter, words, *(ROOT / "rules" / "library").glob("*.toml")]}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the wheel and the sdist, built by the locked hatchling without the network."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return out


@pytest.mark.slow
def test_wheel_and_sdist_carry_the_desk_and_the_library(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        in_wheel = set(wheel.namelist())
    with tarfile.open(next(built.glob("*.tar.gz"))) as sdist:
        in_sdist = {name.partition("/")[2] for name in sdist.getnames()}
    data = shipped()
    assert "facilities/desk/desk.toml" in data
    assert any(p.startswith("facilities/desk/marks/") and p.endswith(".csv") for p in data)
    assert any(p.startswith("rules/library/") for p in data)
    assert data - in_wheel == set()
    assert data - in_sdist == set()
    assert {p.partition("/")[0] for p in in_wheel if ".dist-info/" not in p} == {"facilities", "rules", "monitor"}
    assert not [p for p in in_wheel if "journal.db" in p or "__pycache__" in p]


def needed(names: list[str]) -> set[str]:
    """The named distributions and all they need here, without their extras."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        requirements = map(Requirement, distribution(name).requires or [])
        waiting += [r.name for r in requirements if r.marker is None or r.marker.evaluate({"extra": ""})]
    return found


def link_dependencies(wheel: Path, site: Path) -> None:
    """Link into `site` the dependencies the wheel names, from the environment of the tests, and nothing else of it."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))).decode()
    declared = [Requirement(line) for line in re.findall(r"^Requires-Dist: (.+)$", metadata, re.M)]
    runtime = [r.name for r in declared if r.marker is None or r.marker.evaluate({"extra": ""})]
    assert "numpy" in runtime
    for name in needed(runtime):
        dist = distribution(name)
        tops = {file.parts[0] for file in dist.files or [] if file.parts[0] not in {"..", "__pycache__"}}
        for top in tops:
            (site / top).symlink_to(Path(str(dist.locate_file(top))).resolve())


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment with the wheel and its declared dependencies only."""
    home = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(home, with_pip=False)
    wheel = next(built.glob("*.whl"))
    link_dependencies(wheel, next(home.glob("lib/python*/site-packages")))
    pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python"), "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return home / "bin"


def run_away_from_home(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run in `folder` with an environment that points neither at the checkout nor at a desk or cache of the user's."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache"), "LANG": "C.UTF-8"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


@pytest.mark.slow
def test_the_installed_wheel_is_what_runs(installed: Path, tmp_path: Path) -> None:
    code = "import facilities, rules, monitor; print(facilities.__file__, rules.__file__, monitor.__file__)"
    done = run_away_from_home([str(installed / "python"), "-c", code], tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(path.startswith(str(installed.parent)) for path in done.stdout.split())
    assert run_away_from_home([str(installed / "python"), "-c", "import pandas"], tmp_path).returncode == 1


@pytest.mark.slow
def test_the_installed_wheel_checks_its_own_desk_from_another_folder(installed: Path, tmp_path: Path) -> None:
    done = run_away_from_home([str(installed / "covenant"), "check"], tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stdout.strip()


@pytest.mark.slow
def test_the_installed_wheel_starts_a_desk_that_lints_clean(installed: Path, tmp_path: Path) -> None:
    covenant = str(installed / "covenant")
    assert run_away_from_home([covenant, "init", "mine"], tmp_path).returncode == 0
    done = run_away_from_home([covenant, "lint", "--desk", "mine"], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "0 errors, 0 warnings\n")
    assert len(list((tmp_path / "mine" / ".schema").glob("*.schema.json"))) == 7
