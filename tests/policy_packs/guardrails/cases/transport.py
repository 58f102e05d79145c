"""TLS."""

from mesh_guardrails.resource import UNKNOWN, Resource

from tests.policy_packs.guardrails.building import Case, accepted, policy, refused, resource

BUCKET = "arn:aws:s3:::acme-sales-prod-landing"
QUEUE = "arn:aws:sqs:eu-west-1:222222222222:orders"
TOPIC = "arn:aws:sns:eu-west-1:222222222222:orders"


def deny(action: object, resource_: object, **changes: object) -> dict[str, object]:
    """The statement that keeps plain HTTP out."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource_,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        **changes,
    }


def bucket(*statements: dict[str, object]) -> dict[str, object]:
    return {"bucket": "acme-sales-prod-landing", "policy": policy(*statements)}


BOTH = [BUCKET, f"{BUCKET}/*"]
EFS = "aws:efs/fileSystemPolicy:FileSystemPolicy"
WORKGROUP = "aws:redshiftserverless/workgroup:Workgroup"
TYPE = "aws:s3/bucketPolicy:BucketPolicy"


def workgroup(*parameters: tuple[str, str]) -> Resource:
    return resource(WORKGROUP, {"configParameters": [{"parameterKey": k, "parameterValue": v} for k, v in parameters]})


LISTENER = "aws:lb/listener:Listener"
RULE = "aws:lb/listenerRule:ListenerRule"
DATABASE = "aws:rds/instance:Instance"
AURORA = "aws:rds/cluster:Cluster"


def rule(type_: object, listener: str = "arn:l") -> Resource:
    return resource(RULE, {"listenerArn": listener, "actions": [{"type": type_}]})


def integration(**props: object) -> Resource:
    return resource("aws:apigateway/integration:Integration", {"type": "HTTP_PROXY", **props})


CASES: dict[str, list[Case]] = {
    "integration-tls": [
        accepted("TLS", integration(uri="https://api.example.com/{proxy}")),
        accepted("a function", integration(uri="arn:aws:apigateway:eu-west-1:lambda:path/x", type="AWS_PROXY")),
        accepted("within the network", integration(uri="http://internal.example.com", connectionType="VPC_LINK")),
        accepted("not known yet", integration(uri=UNKNOWN)),
        refused("plain HTTP", integration(uri="http://api.example.com"), "http"),
        refused(
            "plain HTTP from an HTTP API",
            resource("aws:apigatewayv2/integration:Integration", {"integrationUri": "http://api.example.com"}),
            "http",
        ),
        refused(
            "whoever answers",
            integration(uri="https://api.example.com", tlsConfig={"insecureSkipVerification": True}),
            "unverified",
        ),
    ],
    "listener-rules": [
        accepted("redirects", [resource(LISTENER, {"arn": "arn:l", "protocol": "HTTP"}), rule("redirect")]),
        accepted("HTTPS", [resource(LISTENER, {"arn": "arn:l", "protocol": "HTTPS", "port": 443}), rule("forward")]),
        accepted(
            "another listener's", [resource(LISTENER, {"arn": "arn:l", "protocol": "HTTP"}), rule("forward", "arn:m")]
        ),
        accepted("not known yet", [resource(LISTENER, {"arn": "arn:l", "protocol": "HTTP"}), rule(UNKNOWN)]),
        refused("answers", [resource(LISTENER, {"arn": "arn:l", "protocol": "HTTP"}), rule("forward")], "http"),
        refused("answers, by default", [resource(LISTENER, {"arn": "arn:l", "port": 80}), rule("forward")], "http"),
    ],
    "database-parameters": [
        accepted("its own", resource(DATABASE, {"engine": "mysql", "parameterGroupName": "tls"})),
        accepted("its own, not known yet", resource(DATABASE, {"engine": "mysql", "parameterGroupName": UNKNOWN})),
        accepted("PostgreSQL of today", resource(DATABASE, {"engine": "postgres", "engineVersion": "16.4"})),
        accepted("the newest", resource(DATABASE, {"engine": "postgres"})),
        accepted("not known yet", resource(DATABASE, {"engine": "postgres", "engineVersion": UNKNOWN})),
        accepted("MariaDB of today", resource(DATABASE, {"engine": "mariadb", "engineVersion": "11.8.3"})),
        accepted("Oracle, which has no such parameter", resource(DATABASE, {"engine": "oracle-ee"})),
        accepted("a replica", resource(DATABASE, {"engine": "mysql", "replicateSourceDb": "orders"})),
        refused("MySQL", resource(DATABASE, {"engine": "mysql", "engineVersion": "8.4"}), "parameterGroupName"),
        refused(
            "MariaDB of yesterday",
            resource(DATABASE, {"engine": "mariadb", "engineVersion": "11.4"}),
            "parameterGroupName",
        ),
        refused("SQL Server", resource(DATABASE, {"engine": "sqlserver-se"}), "parameterGroupName"),
        refused(
            "Aurora",
            resource(AURORA, {"engine": "aurora-postgresql", "engineVersion": "16.4"}),
            "dbClusterParameterGroupName",
        ),
    ],
    "tls-only-s3": [
        accepted("the form AWS recommends", resource(TYPE, bucket(deny("s3:*", BOTH)))),
        accepted(
            "a boolean", resource(TYPE, bucket(deny("s3:*", BOTH, Condition={"Bool": {"aws:SecureTransport": False}})))
        ),
        accepted("everyone written out", resource(TYPE, bucket(deny("*", "*", Principal={"AWS": "*"})))),
        accepted("one prefix for both", resource(TYPE, bucket(deny("s3:*", f"{BUCKET}*")))),
        accepted("a document instead of a text", resource(TYPE, {"policy": {"Statement": deny("s3:*", BOTH)}})),
        refused(
            "no such statement",
            resource(TYPE, bucket({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": BOTH})),
            "tls-only",
        ),
        refused("objects only", resource(TYPE, bucket(deny("s3:*", f"{BUCKET}/*"))), "tls-only"),
        refused("reading only", resource(TYPE, bucket(deny("s3:GetObject", BOTH))), "tls-only"),
        refused(
            "one account only",
            resource(TYPE, bucket(deny("s3:*", BOTH, Principal={"AWS": "222222222222"}))),
            "tls-only",
        ),
        refused(
            "the wrong way round",
            resource(TYPE, bucket(deny("s3:*", BOTH, Condition={"Bool": {"aws:SecureTransport": "true"}}))),
            "tls-only",
        ),
        refused(
            "only when another condition holds too",
            resource(
                TYPE,
                bucket(
                    deny(
                        "s3:*",
                        BOTH,
                        Condition={
                            "Bool": {"aws:SecureTransport": "false"},
                            "StringEquals": {"aws:PrincipalTag/x": "y"},
                        },
                    )
                ),
            ),
            "tls-only",
        ),
        refused("not JSON", resource(TYPE, {"policy": "{"}), "tls-only"),
        refused("not known yet", resource(TYPE, {"policy": UNKNOWN}), "tls-only", undetermined=True),
    ],
    "tls-only-sqs": [
        accepted(
            "its own resource", resource("aws:sqs/queuePolicy:QueuePolicy", {"policy": policy(deny("sqs:*", QUEUE))})
        ),
        refused(
            "a policy that allows only",
            resource(
                "aws:sqs/queuePolicy:QueuePolicy",
                {
                    "policy": policy(
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": "222222222222"},
                            "Action": "sqs:SendMessage",
                            "Resource": QUEUE,
                        }
                    )
                },
            ),
            "tls-only",
        ),
    ],
    "tls-only-sns": [
        accepted(
            "publishing, for topics take no wildcard",
            resource("aws:sns/topicPolicy:TopicPolicy", {"policy": policy(deny("sns:Publish", TOPIC))}),
        ),
        accepted(
            "several actions",
            resource(
                "aws:sns/topicPolicy:TopicPolicy", {"policy": policy(deny(["SNS:Publish", "SNS:Subscribe"], TOPIC))}
            ),
        ),
        refused(
            "subscribing only",
            resource("aws:sns/topicPolicy:TopicPolicy", {"policy": policy(deny("sns:Subscribe", TOPIC))}),
            "tls-only",
        ),
    ],
    "tls-only-efs": [
        accepted("all of it", resource(EFS, {"policy": policy(deny("elasticfilesystem:*", "*"))})),
        accepted("mounting", resource(EFS, {"policy": policy(deny("elasticfilesystem:ClientMount", "arn:fs"))})),
        refused(
            "writing only", resource(EFS, {"policy": policy(deny("elasticfilesystem:ClientWrite", "*"))}), "tls-only"
        ),
    ],
    "warehouse-serverless-forces-tls": [
        accepted("required", workgroup(("require_ssl", "true"))),
        accepted("not known yet", resource(WORKGROUP, {"configParameters": UNKNOWN})),
        accepted("one of them not known yet", resource(WORKGROUP, {"configParameters": [UNKNOWN]})),
        refused("not required", workgroup(("require_ssl", "false")), "require_ssl"),
        refused("not said", workgroup(("max_query_execution_time", "60")), "require_ssl"),
        refused("nothing said", resource(WORKGROUP), "require_ssl"),
    ],
}
