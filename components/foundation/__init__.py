"""What every account has: names, tags, keys, buckets, roles and grants, functions, network, logs, alarms."""
