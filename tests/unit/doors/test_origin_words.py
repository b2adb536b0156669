"""What git says of a push that failed: denied, refused, or something else."""

from fairlead.doors.git.origin import failed
from fairlead.model.errors import DeniedError, WorldError


def test_figures_of_an_id_are_no_status():
    refused = " ! [remote rejected] 940330ef84ddf05e22d7412fa61774e445cb8faf -> main (pre-receive hook declined)"
    error = failed("push", refused)
    assert type(error) is WorldError
    assert error.remedy == "the branch takes changes by pull request alone: use --pr"
    assert isinstance(failed("push", "fatal: unable to access 'x': The requested URL returned error: 403"), DeniedError)
