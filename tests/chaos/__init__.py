"""The whole product in real processes, with players who send pictures while parts of it die."""
