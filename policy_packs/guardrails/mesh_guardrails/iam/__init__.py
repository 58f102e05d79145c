"""Least privilege by analysis: what an IAM document grants, to whom, and what of it nobody needs.

`analyse` judges one document by itself; `attached` and `escalation` judge everything attached to a principal together.
"""

from mesh_guardrails.iam.analysis import analyse
from mesh_guardrails.iam.finding import Concern, Context, Finding

__all__ = ["Concern", "Context", "Finding", "analyse"]
