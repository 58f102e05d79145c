"""The embedded engine: deploys a Pulumi Python program through Pulumi's own protocols, without the Pulumi CLI.

Read it in this order: `state` and `values` (what there is), `checkpoint` (how it is kept), `providers`, `registry` and
`analyzers` (the plugins it talks to), `plan` (what a registration means), `steps` (carrying that out), `monitor` (what
the program talks to) and `run` (one whole deployment). Decisions follow pkg/resource/deploy in pulumi/pulumi; where
that does more than this project's program needs, the program is refused by name.
"""
