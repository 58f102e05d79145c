"""What a run read and wrote, in OpenLineage's words."""
