"""Which small faults, put into the package one by one, the tests do not notice.

    python bench/mutants.py mirror --out bench/results/mutants-mirror.json

mutmut makes the mutants, in an environment of its own (bench/.venv-mutmut, made at the first run). They are tried
here, in a copy that holds only karma_core and the package's tests. The tests are collected once and none runs in
this process, since a fork of a process in which Polars has started its threads hangs. Each test runs once,
unchanged, in a fork of its own, which tells how long it takes and which functions it calls, those of its fixtures
included. Then a fork for each mutant runs the tests and doctests that call its function until one fails: quickest
first, those that killed its neighbours sooner. A test that takes five times its own processor time and a second is
a time-out: noticed, but counted apart. `--seconds 5` leaves out the tests that would make a mutant take longer
than that.

Mutants that differ in the words of a sentence or in zip's `strict` only are not tried; `--words` tries them too.
What was tried stands in bench/out, so that a run that was stopped goes on. A mutant whose function changed is
tried anew; `--again` tries those that lived once more, with the tests as they are now. A module in which nothing
was tried, as with `--only`, keeps what the file of results says of it, if it still has as many mutants.
"""

import argparse
import ast
import difflib
import gc
import hashlib
import inspect
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import pytest
from environments import python_of

HERE = Path(__file__).resolve().parent
LEFT_OUT = ["tests/core/mirror/test_calibration.py"]
"""Takes minutes, and tells a model that is wrong on average, not a fault in a line."""
GENERATE = """
import json, sys
from pathlib import Path
from mutmut.mutation.file_mutation import mutate_file_contents
for path in sorted(Path(sys.argv[1]).glob("*.py")):
    mutated = mutate_file_contents(str(path), path.read_text())
    path.write_text(mutated.code)
    print(json.dumps([path.stem, list(mutated.mutant_names)]))
"""
ALONE = """
[pytest]
addopts = --doctest-modules --import-mode=importlib -p no:cacheprovider -p no:django -s --tb=native --assert=plain
doctest_optionflags = NORMALIZE_WHITESPACE ELLIPSIS
filterwarnings = error
markers =
    data: needs the sample data
    slow: takes more than a few seconds
"""
TOOK_TOO_LONG = (signal.SIGPROF, signal.SIGALRM)


def copied(folder: Path, package: str, *, samples: Path) -> dict[str, list[str]]:
    """Make the copy in a folder, with the package mutated, and go there; the names of each module's mutants."""
    (folder / "shared").symlink_to(samples.resolve())
    copy = folder / "copy"
    for what in ("src/karma_core", f"tests/core/{package}"):
        shutil.copytree(HERE.parent / what, copy / what, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HERE.parent / "tests" / "conftest.py", copy / "tests" / "conftest.py")
    (copy / "pytest.ini").write_text(ALONE)
    (copy / "pyproject.toml").write_text('[tool.mutmut]\nsource_paths = ["src/"]\n')
    generate = [python_of("mutmut"), "-c", GENERATE, copy / "src" / "karma_core" / package]
    made = subprocess.run(generate, check=True, capture_output=True, text=True)
    sys.path[:0] = [str(copy / "src"), str(copy)]
    sys.path += [str(place) for place in (HERE / ".venv-mutmut").glob("lib/python*/site-packages")]
    os.chdir(copy)
    return dict(json.loads(line) for line in made.stdout.splitlines())


class WithoutWords(ast.NodeTransformer):
    """A function without the words of its sentences and without zip's `strict`."""

    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) and " " in node.value else node

    def visit_keyword(self, node):
        return None if node.arg == "strict" else self.generic_visit(node)


@dataclass(frozen=True)
class Mutant:
    """A function with one fault: the name that mutmut gave it, and its lines beside those of the original."""

    name: str
    lines: tuple[str, ...]
    original: tuple[str, ...]

    @classmethod
    def found(cls, module: str, name: str) -> "Mutant":
        place = sys.modules[module]
        place = getattr(place, name.split("ǁ")[1]) if "ǁ" in name else place
        names = (name, re.sub(r"\d+$", "orig", name))
        ours, original = (inspect.getsource(getattr(place, one)).replace(one, "", 1) for one in names)
        return cls(f"{module}.{name}", tuple(ours.splitlines()), tuple(original.splitlines()))

    @property
    def key(self) -> str:
        return f"{self.name} {digest(*self.lines)}"

    @property
    def function(self) -> str:
        return self.name.partition("__mutmut_")[0]

    @property
    def short(self) -> str:
        return self.name.split(".", 2)[2]

    def is_of_words(self) -> bool:
        texts = (
            textwrap.dedent("\n".join(lines)).replace("def (", "def f(") for lines in (self.lines, self.original)
        )
        return len({ast.dump(WithoutWords().visit(ast.parse(text))) for text in texts}) == 1

    def changed(self) -> list[str]:
        """The lines that it takes away and puts in."""
        lines = list(difflib.unified_diff(self.original, self.lines, n=0, lineterm=""))[2:]
        return [line for line in lines if not line.startswith("@@")]


def digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


class Journal:
    """What is known of tests and mutants, a line of JSON each, in a file that only grows."""

    def __init__(self, path: Path):
        self.path, self.known, self.first = path, {}, {}
        path.parent.mkdir(exist_ok=True)
        path.touch()
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            self.known[entry["key"]] = entry
            self.first.setdefault(entry["key"], entry)

    def add(self, key: str, **entry) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps({"key": key, **entry}) + "\n")
        self.known[key] = entry


def forked(work, *, memory: int = 6 * 2**30) -> tuple[str, int, float]:
    """Do the work in a fork: what it returns, how it ended (waitpid's status), and its processor seconds."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1), os.dup2(nothing, 2)
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            os.write(writing, work().encode())
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    _pid, status, used = os.wait4(child, 0)
    return told, status, used.ru_utime + used.ru_stime


class Trials:
    """A pytest plugin that tries mutants in place of running the tests."""

    def __init__(self, names: dict[str, list[str]], options: argparse.Namespace, journal: Journal):
        self.names, self.options, self.journal = names, options, journal
        self.failed = False
        self.callers: dict[str, list[pytest.Item]] = defaultdict(list)
        self.seconds: dict[str, float] = {}
        self.kills: dict[str, Counter] = defaultdict(Counter)

    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if not re.search(r"__mutmut_\d+", item.nodeid)]

    def pytest_runtest_logreport(self, report):
        self.failed |= report.failed

    def pytest_runtestloop(self, session):
        gc.freeze()
        for item in session.items:
            self.measure(item)
        for mutant in self.mutants():
            if re.search(self.options.only, mutant.short) and self.is_wanted(mutant):
                self.try_mutant(mutant)
        return True

    def mutants(self) -> list[Mutant]:
        package = f"karma_core.{self.options.package}"
        return [Mutant.found(f"{package}.{stem}", name) for stem, names in self.names.items() for name in names]

    def is_wanted(self, mutant: Mutant) -> bool:
        known = self.journal.known.get(mutant.key)
        if known:
            return self.options.again and known["outcome"] in ("lived", "no test")
        return self.options.words or not mutant.is_of_words()

    def measure(self, item) -> None:
        """How long a test takes without a mutant, and which functions it calls."""
        key = f"{item.nodeid} {digest(item.path.read_text())}"
        if key not in self.journal.known:
            told, _ended, seconds = forked(lambda: self.called(item))
            if not told:
                raise RuntimeError(f"{item.nodeid} fails without a mutant")
            self.journal.add(key, seconds=round(seconds, 3), calls=json.loads(told))
        self.seconds[item.nodeid] = self.journal.known[key]["seconds"]
        for function in self.journal.known[key]["calls"]:
            self.callers[function].append(item)

    def called(self, item) -> str:
        from mutmut.state import state

        os.environ["MUTANT_UNDER_TEST"] = "stats"
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        return "" if self.failed else json.dumps(sorted(state()._stats))

    def try_mutant(self, mutant: Mutant) -> None:
        """Run the tests that call a mutant's function until one fails."""
        callers, kills = self.callers[mutant.function], self.kills[mutant.function]
        tests = sorted(callers, key=lambda item: self.seconds[item.nodeid] / (1 + kills[item.nodeid]))
        if self.options.seconds:
            until = accumulate(self.seconds[item.nodeid] for item in tests)
            tests = tests[: max(1, sum(seconds <= self.options.seconds for seconds in until))]
        told, ended, seconds = forked(lambda: self.killer(mutant, tests))
        if os.WTERMSIG(ended) in TOOK_TOO_LONG:
            outcome = "timed out"
        elif told or ended:
            outcome = "killed"
        else:
            outcome = "lived" if tests else "no test"
        kills[told] += 1
        counts = {"tests": len(tests), "callers": len(callers)}
        self.journal.add(mutant.key, outcome=outcome, by=told, seconds=round(seconds, 2), **counts)

    def killer(self, mutant: Mutant, tests: list[pytest.Item]) -> str:
        """The first test that fails with the mutant, if one does."""
        os.environ["MUTANT_UNDER_TEST"] = mutant.name
        for item, after in zip(tests, [*tests[1:], None], strict=True):
            bound = 5 * self.seconds[item.nodeid] + 1
            signal.setitimer(signal.ITIMER_PROF, bound)
            signal.setitimer(signal.ITIMER_REAL, 20 * bound)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            if self.failed:
                return item.nodeid
        return ""

    def summary(self) -> dict:
        """Counts of each module, at the first try and now, and the lines of those that live."""
        modules, live = {stem: {"mutants": len(names)} for stem, names in self.names.items() if names}, {}
        for mutant in self.mutants():
            counts = modules[mutant.short.partition(".")[0]]
            if mutant.key not in self.journal.known:
                reason = "words only" if mutant.is_of_words() else "not tried"
                counts[reason] = counts.get(reason, 0) + 1
                continue
            for when, known in (("at first", self.journal.first), ("now", self.journal.known)):
                outcome = known[mutant.key]["outcome"]
                counts[f"{outcome} {when}"] = counts.get(f"{outcome} {when}", 0) + 1
            if outcome in ("lived", "no test"):
                live[mutant.short] = mutant.changed()
        return {"modules": modules, "live": live}


def with_earlier(result: dict, earlier: dict) -> dict:
    """The results, with what earlier ones say of modules in which nothing was tried."""
    modules, kept = result["modules"], set()
    for stem, counts in modules.items():
        known = earlier["modules"].get(stem, {})
        if counts.keys() <= {"mutants", "words only", "not tried"} and counts["mutants"] == known.get("mutants"):
            kept.add(stem)
            modules[stem] = known
    live = result["live"] | {
        name: lines for name, lines in earlier["live"].items() if name.partition(".")[0] in kept
    }
    return result | {"live": {name: live[name] for name in sorted(live, key=lambda name: name.partition(".")[0])}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", choices=["mirror", "effects"])
    parser.add_argument("--only", default="", help="a pattern for module.mutant")
    parser.add_argument("--again", action="store_true", help="try those that lived once more")
    parser.add_argument("--words", action="store_true", help="try those that differ in words too")
    parser.add_argument("--seconds", type=float, default=0, help="of tests for a mutant, the quickest; 0 is all")
    parser.add_argument("--samples", type=Path, default=HERE.parents[1] / "shared")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "MUTANT_UNDER_TEST": ""}
    out, journal = options.out, HERE / "out" / f"mutants-{options.package}.jsonl"
    out = out and out.resolve()
    with tempfile.TemporaryDirectory() as folder:
        names = copied(Path(folder), options.package, samples=options.samples)
        trials = Trials(names, options, Journal(journal))
        where = [f"tests/core/{options.package}", f"src/karma_core/{options.package}"]
        left_out = [f"--ignore={path}" for path in LEFT_OUT]
        code = pytest.main(["-q", "--hypothesis-seed=1", *left_out, *where], plugins=[trials])
        if code not in (0, 5):
            return int(code)
        trials.journal = Journal(journal)
        result = {"on": datetime.now(UTC).date().isoformat(), "left_out": LEFT_OUT} | trials.summary()
        os.chdir(HERE)
    if out and out.exists():
        result = with_earlier(result, json.loads(out.read_text()))
    print(json.dumps(result["modules"], indent=1))
    if out:
        out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
