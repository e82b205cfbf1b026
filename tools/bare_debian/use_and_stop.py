"""Starts the product by a command, posts the sample when it is ready, presses Ctrl-C, and waits for its end.

    python3 tools/bare_debian/use_and_stop.py make run

It runs inside of the root, where nothing but Python is to be had.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

_INSTALLED_S = 900.0
_STOPPED_S = 60.0
#: What make ends with when its command was interrupted.
_INTERRUPTED = {0, 2, 130, -signal.SIGINT}


def main(command: list[str]) -> int:
    """Return the exit code: 0 when all of it went well."""
    product = subprocess.Popen(command, start_new_session=True)
    try:
        if not _is_ready(product):
            print("the product did not become ready", file=sys.stderr)
            return 1
        sent = subprocess.run(
            [".venv/bin/screen2deck", "send", "bot/data/sample.jpg"], capture_output=True, text=True, check=False
        )
        print(sent.stdout, sent.stderr, sep="\n", flush=True)
        os.killpg(product.pid, signal.SIGINT)
        ended = product.wait(_STOPPED_S)
        return 0 if sent.returncode == 0 and sent.stdout.startswith("Deck\n") and ended in _INTERRUPTED else 1
    finally:
        if product.poll() is None:
            os.killpg(product.pid, signal.SIGKILL)


def _is_ready(product: "subprocess.Popen[bytes]") -> bool:
    address = f"http://127.0.0.1:{os.environ.get('HTTP_PORT', '8484')}/health/ready"
    end = time.monotonic() + _INSTALLED_S
    while time.monotonic() < end and product.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return True
        except OSError:
            time.sleep(0.5)
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
