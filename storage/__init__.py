"""What lasts and what travels: database, queue, outbox and pictures."""
