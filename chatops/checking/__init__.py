"""Checklists with their evidence, and the runbook's text."""
