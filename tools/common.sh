# Sourced by the scripts beside it: goes to the top of the repository and holds the build flags in
# one place. Every script builds with the same flags, so nothing is compiled twice.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The first flag keeps a target from importing what it does not declare; without it such an import
# builds, and the picture of the layers in Package.swift would no longer be true.
build_flags=(
    --explicit-target-dependency-import-check error
    -Xswiftc -warnings-as-errors
)

say() { printf '%s\n' "$*" >&2; }

# Prints what went wrong and what to do next, and stops.
fail() {
    say "error: $1"
    shift
    local line
    for line in "$@"; do say "  $line"; done
    exit 1
}
