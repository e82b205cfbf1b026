"""Incidents: what cards show, times they must keep, the document that is written afterwards."""
