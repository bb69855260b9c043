"""Python loads this where PYTHONPATH names this folder: in whatever the tests start."""

import this_machine_only  # noqa: F401 - it stands guard once it is loaded
