"""The system's clock."""

from __future__ import annotations

import time


class SystemClock:
    """Real time."""

    def now(self) -> int:
        """Seconds since the epoch, UTC."""
        return int(time.time())
