"""A progress bar on the terminal, where something takes longer than a second."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


def progress(items: Sequence[T], what: str) -> Iterable[T]:
    """The same items, with a bar on stderr after the first second.

    There is no bar where stderr is not a terminal, or without tqdm (the extra ``[progress]``).
    """
    if not sys.stderr.isatty():
        return items
    try:
        from tqdm import tqdm
    except ImportError:
        return items
    return tqdm(items, desc=what, unit="", delay=1, leave=False, file=sys.stderr)
