"""Event source mappings: reading queues and streams, and invoking functions with batches of what is there.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""
