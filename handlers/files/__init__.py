"""From a delivered file to a published data product."""
