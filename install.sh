#!/bin/sh
# Installs oddtrail into .venv, from locked versions whose hashes are checked. Run it again at any time.
#
#   sh install.sh        to use it
#   sh install.sh dev    to work on it: tests, linters, notebooks
#
# Needs Python 3.11 to 3.14 with venv, and a network. PYTHON=/path/to/python chooses the interpreter.
set -eu
cd "$(dirname "$0")"

what=${1:-}
case $what in
    "") lock=requirements.lock ;;
    dev) lock=requirements-dev.lock ;;
    *)
        echo "install.sh: '$what' is neither nothing nor 'dev'" >&2
        exit 2
        ;;
esac

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

python=
seen=
for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.14 python3.11 /usr/bin/python3}; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    seen="$seen $candidate"
    fits "$candidate" || continue
    "$candidate" -c 'import ensurepip, venv' 2>/dev/null || continue
    python=$candidate
    break
done

if [ -z "$python" ]; then
    echo "install.sh: no Python 3.11, 3.12, 3.13 or 3.14 with its venv module (looked at:${seen:- none found})." >&2
    echo "On Debian or Ubuntu: apt-get install python3 python3-venv. Or name one: PYTHON=/path/to/python3 sh install.sh" >&2
    exit 1
fi

if ! { [ -x .venv/bin/python ] && fits .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    "$python" -m venv --clear .venv
fi

pip() {
    .venv/bin/python -m pip --disable-pip-version-check --quiet "$@"
}

echo "Installing $lock into .venv (a few minutes the first time) …"
if [ "$what" = dev ]; then
    # PySpark is published as source alone: the setuptools of the lock, installed first, makes a wheel of it
    sed -n '/^setuptools==/,/[^\\]$/p' "$lock" >.venv/setuptools.lock
    pip install --only-binary :all: --require-hashes -r .venv/setuptools.lock
    pip install --only-binary :all: --no-binary pyspark --no-build-isolation --require-hashes -r "$lock"
else
    pip install --only-binary :all: --require-hashes -r "$lock"
fi
pip install --no-deps --no-build-isolation --no-index -e .

if [ "$what" = dev ]; then
    echo "Installed. Now: .venv/bin/pytest"
else
    echo "Installed. Now: .venv/bin/oddtrail demo"
fi
