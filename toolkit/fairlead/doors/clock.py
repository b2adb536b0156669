"""The system's clock."""

from __future__ import annotations

import random
import time


class SystemClock:
    """Real time."""

    def now(self) -> int:
        """Seconds since the epoch, UTC."""
        return int(time.time())

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def jitter(self, seconds: float) -> float:
        """Something between half of it and all: a crowd that failed together doesn't come back together."""
        return random.uniform(seconds / 2, seconds)
