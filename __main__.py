"""Deploys one stack: reads its settings, builds its account."""

from stacks.program import deploy

deploy()
