#!/bin/sh
# clients/python/tests/run.sh: the client's tests against a real server ($KEYSTEWARD_BIN, default build/release/keysteward).
# Uses the Python of the conformance run when it is there, for httpx and mypy; else the system's.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
python=$root/build/venv-v1/bin/python
[ -x "$python" ] || python=python3
cd "$here"
exec "$python" "$root/tests/support/run_unittest.py" client test_client
