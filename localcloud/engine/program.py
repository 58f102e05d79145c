"""Runs a Pulumi Python program in this process, as the CLI's `pulumi-language-python-exec` does.

Started by path, with the settings as JSON in the first argument and the configuration where the SDK looks for it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import pulumi
import pulumi.runtime

SHOWN = 32  # the exit code that says that the error has been shown
THREADS_PER_SLOT = 4


def main(settings: dict[str, object], directory: str) -> int:
    pulumi.runtime.set_all_config(pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env())
    pulumi.runtime.configure(pulumi.runtime.Settings(**settings))  # type: ignore[arg-type]
    os.chdir(directory)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # The threads of the loop are what bounds the number of registrations in flight.
    with ThreadPoolExecutor(int(str(settings["parallel"])) * THREADS_PER_SLOT) as pool:
        loop.set_default_executor(pool)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # a failed program leaves futures that nobody awaits
        try:
            loop.run_until_complete(pulumi.runtime.run_in_stack(_run))
        except pulumi.RunError as error:
            pulumi.log.error(str(error))
            return 1
        except Exception:
            pulumi.log.error(f"Program failed with an unhandled exception:\n{_trace()}")
            return SHOWN
    return 0


def _run() -> None:
    runpy.run_path(".", run_name="__main__")


def _trace() -> str:
    """The traceback from the program's first frame on."""
    frames = traceback.extract_tb(sys.exc_info()[2])
    depth = next((n for n, frame in enumerate(frames) if frame.filename.endswith("__main__.py")), 0)
    return traceback.format_exc(limit=depth - len(frames))


if __name__ == "__main__":
    given, where = sys.argv[1:]
    sys.argv = ["."]
    sys.exit(main(json.loads(given), where))
