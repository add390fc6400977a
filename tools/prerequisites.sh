#!/bin/sh
# Says in one sentence each what this machine lacks, with the Debian package that brings it; exit status 1 if anything.
# Usage: tools/prerequisites.sh [PYTHON]
python=${1:-python3}
missing=0

lack() {
    echo "graphsvc needs $1; install $2." >&2
    missing=1
}

# at_least FOUND WANTED: compares dotted versions
at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || found=0
if ! at_least "$found" 3.11; then
    lack "Python 3.11 or later" "the package python3, or name one with \`make PYTHON=…\`"
elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    lack "Python's venv module" "the package python3-venv"
fi

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
found=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
at_least "${found:-0}" 17 || lack "Java 17 or later" "the package openjdk-17-jre-headless"

command -v mvn >/dev/null || lack "Maven" "the package maven"

found=$(node --version 2>/dev/null | sed 's/^v//')
at_least "${found:-0}" 20.19 || lack "Node 20.19 or later" "the package nodejs (of Debian 13 or later, or from nodejs.org)"
command -v npm >/dev/null || lack "npm" "the package npm"

exit $missing
