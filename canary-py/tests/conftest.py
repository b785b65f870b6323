"""What all tests share: where the fixtures are, and how hard hypothesis tries."""

import os
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[2]

settings.register_profile("fast", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("slow", max_examples=10_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))
