"""Maintenance begins and ends by itself, and what it held goes on."""

from datetime import timedelta

from chatops import maintaining
from chatops.jobs import Job

JOBS = (Job("maintenance", maintaining.look, timedelta(seconds=5), timeout=timedelta(minutes=1)),)
