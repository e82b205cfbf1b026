"""Backups of the database and of Redis: made, kept, verified by being restored, restored.

catalogue.py   the folder where they are kept, each a file of data with a manifest
kinds.py       what is common to the databases
sqlite.py      by its online backup API
postgres.py    by pg_dump and pg_restore, in a format of their own
redis.py       a snapshot that the server writes itself
"""
