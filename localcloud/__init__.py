"""The same program, plugins and policy pack with no AWS account: a stand-in for a laptop and for CI."""
