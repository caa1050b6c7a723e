"""Puts the faults of tools/mutants.txt into the pure core, one at a time, and names the test that notices.

Works on a copy that holds only the pure targets and their tests, so that a fault costs seconds. The
tests of the target that a fault is in have to notice it; a fault that none notices is a hole in them.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGETS = ["Domain", "CalCom", "Ledger", "Journal", "Projection", "Reconciliation", "TestSupport"]
TESTS = ["DomainTests", "CalComTests", "LedgerTests", "ProjectionTests", "ReconciliationTests"]


class Mutant:
    """One fault: a text that stands once in a file, and what takes its place."""

    def __init__(self, number, file):
        self.number, self.file, self.old, self.new = number, file, [], []

    @property
    def target(self):
        return self.file.split("/")[1]

    def texts(self):
        return "\n".join(self.old), "\n".join(self.new)

    def problem(self):
        path = ROOT / self.file
        if not path.is_file():
            return "the file is gone"
        old, new = self.texts()
        found = path.read_text().count(old)
        if not old or found != 1:
            return f"the text stands {found} times in it, and has to stand once"
        return "it changes nothing" if old == new else None


def read_mutants():
    mutants = []
    for line in (ROOT / "tools/mutants.txt").read_text().splitlines():
        if line.startswith("@ "):
            mutants.append(Mutant(len(mutants) + 1, line[2:].strip()))
        elif line.startswith("- "):
            mutants[-1].old.append(line[2:])
        elif line.startswith("+ "):
            mutants[-1].new.append(line[2:])
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
    head, rest = source.split("    targets: [\n", 1)
    tail = rest[rest.index("\nfor target in") :]
    head = re.sub(r"    products: .*\n", "", head)
    wanted = ("swift-crypto", "GRDB")
    head = "\n".join(
        line
        for line in head.splitlines()
        if ".package(url" not in line or any(name in line for name in wanted)
    )
    body = "".join(text if text.endswith(",\n") else text.rstrip() + ",\n" for text in chosen)
    body = body.replace('"Salesforce", ', "")
    (folder / "Package.swift").write_text(f"{head}\n    targets: [\n{body}    ]\n)\n{tail}")
    for part in ("Sources", "Tests"):
        for name in TARGETS if part == "Sources" else TESTS:
            shutil.copytree(ROOT / part / name, folder / part / name)
    if (ROOT / "Package.resolved").is_file():
        shutil.copy(ROOT / "Package.resolved", folder)
    shutil.copytree(ROOT / "Schemas", folder / "Schemas")
    for file in (folder / "Sources/TestSupport").glob("*.swift"):
        if re.search(r"^(public )?import Salesforce$", file.read_text(), re.M):
            file.unlink()


def run(folder, *arguments):
    command = ["swift", *arguments, "-Xswiftc", "-suppress-warnings"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")


def noticing(output):
    """The first test that failed, as its name stands in the output."""
    for pattern in (r'✘ Test "?(.+?)"? (?:recorded|failed|with)', r"✘ (.+)"):
        found = re.search(pattern, output)
        if found:
            return found.group(1)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only see that every mutant fits")
    parser.add_argument("--folder", help="where the copy is made, to use it again")
    parser.add_argument("numbers", nargs="*", type=int, help="the mutants to try; all if none")
    arguments = parser.parse_args()
    mutants = read_mutants()
    check(mutants)
    if arguments.check:
        return
    folder = pathlib.Path(arguments.folder or tempfile.mkdtemp(prefix="daybook-mutants-"))
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("Sources", "Tests", "Schemas"):
        shutil.rmtree(folder / part, ignore_errors=True)
    make_package(folder)
    result = run(folder, "build", "--build-tests")
    if result.returncode:
        sys.exit(f"The copy does not build:\n{result.stdout[-4000:]}{result.stderr[-4000:]}")
    survivors = []
    for mutant in mutants:
        if arguments.numbers and mutant.number not in arguments.numbers:
            continue
        path = folder / mutant.file
        original = path.read_text()
        path.write_text(original.replace(*mutant.texts()))
        try:
            result = run(folder, "build", "--build-tests")
            if result.returncode:
                verdict = None
                noticed = "the compiler, so that it shows nothing: choose another fault"
            else:
                result = run(folder, "test", "--skip-build", "--filter", f"{mutant.target}Tests")
                verdict = result.returncode
                noticed = noticing(result.stdout + result.stderr) if verdict else "nobody"
        finally:
            path.write_text(original)
        if not verdict:
            survivors.append(mutant)
        print(f"{mutant.number:3} {mutant.file}: {mutant.new[0].strip()}\n      noticed by: {noticed}", flush=True)
    if survivors:
        sys.exit("Survived: " + ", ".join(str(mutant.number) for mutant in survivors))
    print("none survives")


main()
