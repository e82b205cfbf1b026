"""Security incidents and accounts: evidence, owners, scans, processes that are looked into."""
