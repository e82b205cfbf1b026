"""Settings, logging and the files that people edit; knows no other room."""
