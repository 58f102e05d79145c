"""The governance hub: the central catalog, and the ledger of lineage and quality. Metadata and logs, never data."""
