"""Puts the faults of tools/mutants.txt into the pure core, and names the test that notices each.

Works on a copy that holds only the pure targets and their tests. All faults are compiled in at once,
each beside what it replaces, and one at a time counts: a fault costs no build. The tests of the
target that it is in have to notice it; a fault that none notices is a hole in them. Before that they
have to pass without any fault: tests that fail anyway notice nothing.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = [
    "Domain", "CalCom", "Ledger", "Journal", "Projection", "Reconciliation", "Audit", "TestSupport",
]
TESTS = ["DomainTests", "CalComTests", "LedgerTests", "ProjectionTests", "ReconciliationTests"]
BESIDE = ["Schemas", "Documentation", "tools"]


class Mutant:
    """One fault: an expression in a line that stands once in a file, and what takes its place."""

    def __init__(self, number, file):
        self.number, self.file, self.line, self.new = number, file, "", ""

    @property
    def target(self):
        return self.file.split("/")[1]

    @property
    def text(self):
        return self.line.replace("«", "").replace("»", "")

    @property
    def switched(self):
        """The line with both expressions, one of which counts."""
        before, rest = self.line.split("«")
        old, after = rest.split("»")
        return f"{before}(isMutant({self.number}) ? ({self.new}) : ({old})){after}"

    def problem(self):
        path = ROOT / self.file
        if not path.is_file():
            return "the file is gone"
        if self.line.count("«") != 1 or self.line.count("»") != 1 or not self.new:
            return "it has to mark one expression, and to name another one"
        found = path.read_text().count(self.text)
        return None if found == 1 else f"the line stands {found} times in it, and has to stand once"


def read_mutants():
    mutants = []
    for line in (ROOT / "tools/mutants.txt").read_text().splitlines():
        if line.startswith("@ "):
            mutants.append(Mutant(len(mutants) + 1, line[2:].strip()))
        elif line.startswith("- "):
            mutants[-1].line = line[2:]
        elif line.startswith("+ "):
            mutants[-1].new = line[2:]
        elif line.strip() and not line.startswith("#"):
            sys.exit(f"tools/mutants.txt: cannot read this line: {line}")
    return mutants


def check(mutants):
    problems = [(mutant, mutant.problem()) for mutant in mutants]
    problems = [(mutant, problem) for mutant, problem in problems if problem]
    for mutant, problem in problems:
        print(f"mutant {mutant.number} in {mutant.file}: {problem}", file=sys.stderr)
    if problems:
        sys.exit("Bring tools/mutants.txt in step with the source; every mutant shows what tests notice.")


def make_package(folder):
    """Writes a package of the pure targets, with the settings of the whole one."""
    source = (ROOT / "Package.swift").read_text()
    names = "|".join(TARGETS + TESTS)
    chosen = re.findall(
        rf'        \.(?:test|executableT|t)(?:arget|Target)\(\s*name: "(?:{names})".*?\n?\s*\),?\n(?=\n|        \.|    \])',
        source,
        re.S,
    )
    head, rest = source.split("\n    targets: [\n", 1)
    tail = rest[rest.index("\nfor target in") :]
    head = re.sub(r"    products: \[.*?\n    \],\n", "", head, flags=re.S)
    wanted = ("swift-crypto", "GRDB", "swift-subprocess", "swift-system")
    head = "\n".join(
        line
        for line in head.splitlines()
        if ".package(url" not in line or any(name in line for name in wanted)
    )
    body = "".join(text if text.endswith(",\n") else text.rstrip() + ",\n" for text in chosen)
    body = body.replace('"Salesforce", ', "").replace('"CalComEmulator", ', "")
    body = body.replace(", httpClient, nioCore, nioHTTP1", "")
    (folder / "Package.swift").write_text(f"{head}\n    targets: [\n{body}    ]\n)\n{tail}")
    for part in ("Sources", "Tests"):
        for name in TARGETS if part == "Sources" else TESTS:
            shutil.copytree(ROOT / part / name, folder / part / name)
    if (ROOT / "Package.resolved").is_file():
        shutil.copy(ROOT / "Package.resolved", folder)
    # What the tests hold the code to beside their own files.
    for part in BESIDE:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns(".build"))
    # What needs the network is not pure, nor are the tests of it.
    network = folder / "Sources/CalCom/API"
    text = "".join(file.read_text() for file in network.rglob("*.swift"))
    pattern = r"^(?:\w+ )*(?:struct|enum|class|actor|protocol) (\w+)"
    types = "|".join(sorted(set(re.findall(pattern, text, re.M))))
    shutil.rmtree(network)
    impure = rf"^(public )?import (Salesforce|CalComEmulator|AsyncHTTPClient)$|\b({types})\b"
    for part in ("Sources/TestSupport", "Tests/CalComTests"):
        for file in (folder / part).rglob("*.swift"):
            if re.search(impure, file.read_text(), re.M):
                file.unlink()


SWITCH = """import Glibc

/// The fault that counts in this run.
private let chosen = getenv("DAYBOOK_MUTANT").flatMap { Int(String(cString: $0)) }

/// Whether a fault counts in this run.
func isMutant(_ number: Int) -> Bool { chosen == number }
"""


def put_in(folder, mutants):
    """Puts all faults in, each beside what it replaces; a variable of the environment chooses."""
    for mutant in mutants:
        path = folder / mutant.file
        path.write_text(path.read_text().replace(mutant.text, mutant.switched))
        (folder / "Sources" / mutant.target / "Mutants.swift").write_text(SWITCH)


def run(folder, *arguments, mutant=0):
    command = ["swift", *arguments, "-Xswiftc", "-suppress-warnings"]
    environment = os.environ | {"DAYBOOK_MUTANT": str(mutant)}
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, errors="replace", env=environment
    )


def first_failure(output):
    """The first test that failed, as its name stands in the output; None if none did."""
    for pattern in (r'✘ Test "?(.+?)"? (?:recorded|failed|with)', r"✘ (.+)"):
        found = re.search(pattern, output)
        if found:
            return found.group(1)
    return None


def run_tests(folder, target, mutant=0):
    """Runs the tests of a target that are built already.

    Returns who noticed a fault, None if every test passed. Stops where it cannot be known: where no
    test ran, or where something else than a test ended the run.
    """
    tests = f"^{target}Tests\\."
    result = run(folder, "test", "--skip-build", "--filter", tests, mutant=mutant)
    output = result.stdout + result.stderr
    failure = first_failure(output)
    if result.returncode and failure:
        return failure
    if result.returncode and re.search(r"Fatal error|unexpected signal", output):
        return "a crash"
    if result.returncode or not re.search(r"Test run with [1-9]\d* tests?.* passed", output):
        sys.exit(
            f"The tests of {target} did not run, so that nothing is known about them; mutant "
            f"{mutant}, exit code {result.returncode}:\n{output[-4000:]}"
        )
    return None


def control(folder, targets):
    """Stops if the tests of a target fail without any fault: they would notice whatever there is."""
    for target in sorted(targets):
        failure = run_tests(folder, target)
        if failure:
            sys.exit(
                f"The tests of {target} fail without a fault, and show nothing: {failure}\n"
                f"Mend that first; type: tools/test --filter {target}Tests"
            )
        print(f"{target}: all tests pass without a fault", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only see that every mutant fits")
    parser.add_argument("--folder", help="where the copy is made, to use it again")
    parser.add_argument("numbers", nargs="*", type=int, help="the mutants to try; all if none")
    arguments = parser.parse_args()
    mutants = read_mutants()
    numbers = [mutant.number for mutant in mutants]
    if not set(arguments.numbers) <= set(numbers):
        parser.error(f"the mutants have the numbers 1 to {len(mutants)}")
    check(mutants)
    if arguments.check:
        return
    folder = pathlib.Path(arguments.folder or tempfile.mkdtemp(prefix="daybook-mutants-"))
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("Sources", "Tests", *BESIDE):
        shutil.rmtree(folder / part, ignore_errors=True)
    make_package(folder)
    put_in(folder, mutants)
    result = run(folder, "build", "--build-tests")
    if result.returncode:
        sys.exit(f"The copy does not build:\n{result.stdout[-4000:]}{result.stderr[-4000:]}")
    chosen = [mutant for mutant in mutants if mutant.number in (arguments.numbers or numbers)]
    control(folder, {mutant.target for mutant in chosen})
    survivors = [mutant for mutant in chosen if not is_noticed(folder, mutant)]
    if survivors:
        sys.exit("Survived: " + ", ".join(str(mutant.number) for mutant in survivors))
    print("none survives")


def is_noticed(folder, mutant):
    """Runs the tests of the target with the fault, and says which one noticed it."""
    noticed = run_tests(folder, mutant.target, mutant.number)
    print(f"{mutant.number:3} {mutant.file}: {mutant.line} → {mutant.new}")
    print(f"      noticed by: {noticed or 'nobody'}", flush=True)
    return noticed is not None


main()
