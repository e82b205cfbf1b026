"""Backups of database and queue, restored and migrated with a way back."""
