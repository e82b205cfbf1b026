"""README's two commands and the deploy page's server, gone through on a Debian 12 that has nothing else installed.

``python3 -m tools.bare_debian`` needs root, debootstrap and systemd-nspawn, and no package of Python.
"""

NOT_HERE = 77
"""The exit code where this machine cannot do that."""
