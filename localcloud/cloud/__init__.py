"""The local cloud: a moto server per state directory, and what is really created in it."""
