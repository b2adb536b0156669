"""One helper process: asked and answered over pipes that stay open, killed where it takes too long."""

from __future__ import annotations

import json
import time

from fairlead.doors.pipes import Died, Late, Piped
from fairlead.model.errors import WorldError
from fairlead.render import wire

_START = 30.0  # seconds; it takes 0.02, but a machine may be busy
_REMEDY = "install fairlead again (in a clone: make renderer), or go without it: FAIRLEAD_RENDERER=none"


class Worker(Piped):
    """A process, and the snapshots that it was told of. Not safe for two threads, but for `kill`."""

    def __init__(self, program: str) -> None:
        self.told: set[str] = set()
        self._program = program
        self._hello: wire.Hello | None = None
        super().__init__(program, _REMEDY)

    def greet(self) -> wire.Hello:
        """Who it is: its first line, waited for once.

        Raises:
            WorldError: it is no renderer, or not ours.
        """
        if self._hello is None:
            try:
                self._hello = wire.hello(self.line(time.monotonic() + _START), self._program)
            except (Died, Late) as error:
                self.kill()
                raise WorldError(
                    f"{self._program} does not work: {str(error) or 'it says nothing'}",
                    remedy="go without it: FAIRLEAD_RENDERER=none",
                ) from None
            except BaseException:
                self.kill()
                raise
        return self._hello

    @property
    def is_well(self) -> bool:
        """Whether it runs, and has said who it is."""
        return self._hello is not None and self.runs

    def ask(self, lines: bytes, seconds: float) -> wire.Answer:
        """Send lines of which the last is a request, and wait for its answer.

        Raises:
            Died, Late: the worker is gone, and another one is needed.
            WorldError: it was no renderer.
        """
        self.greet()
        deadline = time.monotonic() + seconds
        try:
            self.send(lines, deadline)
            said = json.loads(self.line(deadline))
            return wire.answer(said, self.take(said["size"] + said.get("objects", 0), deadline))
        except (ValueError, KeyError, TypeError):
            self.kill()
            raise Died("its answer was none") from None
        except BaseException:
            self.kill()
            raise


__all__ = ["Died", "Late", "Worker"]
