"""The guardrails of the mesh: controls over every resource of every stack, in previews, updates and exported state.

A control is a pure function over plain data (`control`), so it needs no engine to be tried. `wire` turns what an engine
sends into that data once per resource, `evaluation` runs the controls that concern it and applies the waivers, and
`analyzer` speaks Pulumi's Analyzer protocol.
"""
