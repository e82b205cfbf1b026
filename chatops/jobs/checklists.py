"""Checklists are posted by their schedule, and reminded of while they stay open."""

from datetime import timedelta

from chatops.checking.checklists import post_what_is_due
from chatops.jobs import Job

JOBS = (Job("post checklists", post_what_is_due, timedelta(minutes=1)),)
