"""Generates the type stubs from the compiled module and compares them with the committed ones.

    python canary-py/check_stubs.py            # fails where they differ
    python canary-py/check_stubs.py --write    # commits to what was generated

The generator does not see exception classes; they are written out here, from the module itself.
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STUB = ROOT / "canary-py" / "python" / "canary" / "_core.pyi"
UNSEEN = "def __getattr__(name: str) -> Incomplete: ...\n"


def generated() -> str:
    """The stub of the sources as they stand."""
    maturin = Path(sys.executable).with_name("maturin")
    with tempfile.TemporaryDirectory() as out:
        command = [str(maturin), "generate-stubs", "--features", "stubs", "--out", out]
        subprocess.run(command, cwd=ROOT, check=True)
        text = (Path(out) / "canary" / "_core.pyi").read_text(encoding="utf-8")
    if UNSEEN not in text:
        message = "the generator sees everything now: drop what is added here"
        raise SystemExit(message)
    text = text.replace("from _typeshed import Incomplete\n", "").replace(UNSEEN, "")
    return text.rstrip() + "\n\n" + exceptions()


def exceptions() -> str:
    """The exception classes, base first."""
    from canary import _core

    classes = [c for _, c in inspect.getmembers(_core, inspect.isclass) if issubclass(c, Exception)]
    classes.sort(key=lambda c: (len(c.__mro__), c.__name__))
    return "\n".join(
        f'class {c.__name__}({c.__base__.__name__}):\n    """\n    {c.__doc__}\n    """\n'
        for c in classes
        if c.__base__
    )


def main() -> int:
    """Compares, or writes with --write."""
    import canary
    from canary import _core

    new = generated()
    compiled = [name for name in canary.__all__ if hasattr(_core, name)]
    missing = [name for name in compiled if name not in new]
    if missing:
        print(f"the stub does not name {', '.join(missing)}", file=sys.stderr)
        return 1
    if "--write" in sys.argv:
        STUB.write_text(new, encoding="utf-8")
        return 0
    if STUB.read_text(encoding="utf-8") != new:
        print(f"{STUB} is stale: run `make stubs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
