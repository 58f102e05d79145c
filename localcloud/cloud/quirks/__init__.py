"""Corrections of moto 5.2.5 where it answers otherwise than AWS and deployed handlers would notice.

Each function names the quirk it ends. What this server does *not* do, and says nothing about when asked:

- evaluate IAM: a role may do everything; service control policies, permissions boundaries, key policies and the
  resource policies of queues, topics, functions, buses, secrets and keys are kept and returned, never applied. Whether
  they are right is for the policy pack and for AWS to say.
- apply bucket policies, beyond Deny statements without a condition for everybody. Every caller counts as using TLS.
- check whether an assumed role exists, or trusts its caller.
- execute S3 replication and lifecycle rules, DynamoDB TTL and replicas, alarms, metric filters, rotation, KMS key
  state.
"""

from localcloud.cloud import ownership
from localcloud.cloud.quirks import compute, governance, identity, messaging, missing, requests, storage

_installed = False


def install() -> None:
    """Put every correction into this process's moto; once."""
    global _installed
    if _installed:
        return
    _installed = True
    for correct in (
        ownership.install,
        requests.serve_one_request_of_a_service_at_a_time,
        requests.look_for_roles_among_those_there_are,
        storage.name_the_region_of_stream_records,
        storage.resolve_iterators_by_stream_arn,
        storage.ignore_conditional_bucket_policy_statements,
        storage.read_the_policies_of_log_buckets,
        messaging.put_events_to_buses_of_other_accounts,
        messaging.deliver_to_endpoints_of_other_accounts,
        messaging.keep_bus_policies_as_they_are_put,
        compute.accept_layers_of_other_accounts,
        identity.know_the_policies_that_aws_publishes,
        identity.give_key_replicas_their_own_aliases,
        identity.name_multi_region_keys_as_kms_does,
        identity.keep_how_users_are_named,
        governance.keep_lake_formation_tags_of_each_resource,
        governance.keep_lake_formation_grants_findable,
        missing.let_log_groups_change_their_key,
        missing.let_transfer_servers_and_users_change,
        missing.let_buses_change,
        missing.let_stages_registries_and_locations_change,
    ):
        correct()
