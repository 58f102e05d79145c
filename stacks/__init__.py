"""What is deployed where: the organisation, one settings file per stack, and one blueprint per kind of account."""
