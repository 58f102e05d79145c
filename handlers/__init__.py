"""Code that runs in AWS Lambda. It imports no component; components name a handler by its path."""
