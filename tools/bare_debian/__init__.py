"""README's two commands and the deploy page's server, gone through on a Debian 12 that has nothing else installed.

``python3 -m tools.bare_debian`` needs root, debootstrap and systemd-nspawn, and no package of Python. Its exit code
tells a machine that cannot do that from a page that is wrong; make ends with 2 for both, and shows it as *Error 77*.
"""

NOT_HERE = 77
"""The exit code where this machine cannot do that."""
