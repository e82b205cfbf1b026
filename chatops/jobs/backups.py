"""The database is backed up by its schedule."""

from datetime import timedelta

from chatops.backups.schedule import run_when_due
from chatops.jobs import Job

JOBS = (Job("back up when due", run_when_due, timedelta(minutes=1), timeout=timedelta(minutes=45)),)
