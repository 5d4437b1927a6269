"""tests/support/run_unittest.py NAME MODULE...: run unittest modules of the current folder, print what failed and the
line `NAME: N passed, N failed`. Skipped tests are counted in neither and named. Options of the environment:
KEYSTEWARD_TEST_ONLY, a substring of the test ids to run."""

import os
import pathlib
import sys
import time
import traceback
import unittest

sys.path[:0] = [os.getcwd(), str(pathlib.Path(__file__).resolve().parent)]


class Quiet(unittest.TestResult):
    """Counts tests and, apart from them, rows of tables (subtests that failed)."""

    def __init__(self):
        super().__init__()
        self.passed, self.bad, self.rows = 0, set(), 0

    def addSuccess(self, test):
        super().addSuccess(test)
        if test.id() not in self.bad:
            self.passed += 1

    def _bad(self, test, err, note=""):
        self.bad.add(test.id().split(" ")[0])
        kind, value, trace = err
        frames = traceback.extract_tb(trace)
        frame = next((f for f in reversed(frames) if "/unittest/" not in f.filename), frames[-1])
        where = f"{pathlib.Path(frame.filename).name}:{frame.lineno}"
        print(f"FAIL - {test.id()}{note} ({where}): {kind.__name__}: {str(value)[:900]}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._bad(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._bad(test, err)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skip - {test.id()}: {reason}", flush=True)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._bad(subtest, err, "")


def only(suite, text):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from only(item, text)
        elif text in item.id() or item.id().startswith("unittest.loader"):
            yield item


def main():
    name, modules = sys.argv[1], sys.argv[2:]
    suite = unittest.defaultTestLoader.loadTestsFromNames(modules)
    suite = unittest.TestSuite(only(suite, os.environ.get("KEYSTEWARD_TEST_ONLY", "")))
    result, began = Quiet(), time.monotonic()
    suite.run(result)
    print(f"{name}: {time.monotonic() - began:.1f} s")
    failed = len(result.bad)
    print(f"{name}: {result.passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed or not result.passed else 0)


if __name__ == "__main__":
    main()
