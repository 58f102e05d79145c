"""A business unit's data domain and the data products it publishes."""
