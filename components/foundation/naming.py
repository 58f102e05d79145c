"""Every physical name and ARN, computed from the account.

Names are explicit so that policies which mention them are known values at preview. A name that AWS would refuse raises
ValueError naming the kind of name, before anything is registered.
"""

import re
from dataclasses import dataclass

from components.foundation.account import Account
from components.foundation.classification import Classification


@dataclass(frozen=True)
class _Rule:
    """What AWS accepts as one kind of name: a character class and a length range in characters."""

    kind: str
    characters: str
    maximum: int
    minimum: int = 1

    def __call__(self, value: str) -> str:
        if not self.minimum <= len(value) <= self.maximum:
            raise ValueError(
                f"{self.kind}: {value!r} has {len(value)} characters, AWS takes {self.minimum} to {self.maximum}"
            )
        if not re.fullmatch(f"[{self.characters}]+", value):
            raise ValueError(f"{self.kind}: {value!r} has characters outside [{self.characters}]")
        return value


# Each limit is from the named action's or guide's page under docs.aws.amazon.com.
_WHAT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_BUCKET = _Rule("bucket name", "a-z0-9-", 63, 3)  # S3 user guide, "General purpose bucket naming rules"
_ROLE = _Rule("role name", r"\w+=,.@-", 64)  # IAM API, CreateRole
_FUNCTION = _Rule("function name", "a-zA-Z0-9_-", 64)  # Lambda API, CreateFunction
_QUEUE = _Rule("queue name", "a-zA-Z0-9_-", 80)  # SQS API, CreateQueue
_TOPIC = _Rule("topic name", "a-zA-Z0-9_-", 256)  # SNS API, CreateTopic
_TABLE = _Rule("table name", "a-zA-Z0-9_.-", 255, 3)  # DynamoDB API, CreateTable
_STREAM = _Rule("stream name", "a-zA-Z0-9_.-", 128)  # Kinesis API, CreateStream
_BUS = _Rule("event bus name", "/.a-zA-Z0-9_-", 256)  # EventBridge API, CreateEventBus
_RULE = _Rule("rule name", ".a-zA-Z0-9_-", 64)  # EventBridge API, PutRule
_ARCHIVE = _Rule("archive name", ".a-zA-Z0-9_-", 48)  # EventBridge API, CreateArchive
_SCHEDULE = _Rule("schedule name", ".a-zA-Z0-9_-", 64)  # EventBridge Scheduler API, CreateSchedule
_SECRET = _Rule("secret name", "/_+=.@a-zA-Z0-9-", 512)  # Secrets Manager API, CreateSecret
_PARAMETER = _Rule("parameter name", "/a-zA-Z0-9_.-", 1011)  # Systems Manager API, PutParameter
_LOG_GROUP = _Rule("log group name", ".#/a-zA-Z0-9_-", 512)  # CloudWatch Logs API, CreateLogGroup
_STATE_MACHINE = _Rule("state machine name", "a-zA-Z0-9_-", 80)  # Step Functions API, CreateStateMachine
_ALARM = _Rule("alarm name", "a-zA-Z0-9_.:/ -", 255)  # CloudWatch API, PutMetricAlarm
_KEY_ALIAS = _Rule("key alias", "a-zA-Z0-9/_-", 256)  # KMS API, CreateAlias
_CATALOG_NAME = _Rule("catalog name", "a-z0-9_", 255)  # Athena user guide, "Name databases, tables, and columns"


@dataclass(frozen=True)
class Arns:
    """ARNs of one account and region, in the forms of the Service Authorization Reference."""

    partition: str
    region: str
    account_id: str

    @classmethod
    def of(cls, account: Account) -> "Arns":
        return cls(account.partition, account.region, account.account_id)

    def regional(self, service: str, resource: str) -> str:
        """The ARN of any regional resource; for the services that have no method here."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"

    def _iam(self, resource: str) -> str:
        return f"arn:{self.partition}:iam::{self.account_id}:{resource}"

    def role(self, name: str) -> str:
        return self._iam(f"role/{name}")

    def managed_policy(self, name: str) -> str:
        return self._iam(f"policy/{name}")

    def bucket(self, name: str) -> str:
        return f"arn:{self.partition}:s3:::{name}"

    def objects(self, bucket: str, prefix: str = "") -> str:
        """All objects of a bucket whose key starts with `prefix`."""
        return f"{self.bucket(bucket)}/{prefix}*"

    def function(self, name: str) -> str:
        return self.regional("lambda", f"function:{name}")

    def queue(self, name: str) -> str:
        return self.regional("sqs", name)

    def topic(self, name: str) -> str:
        return self.regional("sns", name)

    def table(self, name: str) -> str:
        return self.regional("dynamodb", f"table/{name}")

    def stream(self, name: str) -> str:
        return self.regional("kinesis", f"stream/{name}")

    def bus(self, name: str) -> str:
        return self.regional("events", f"event-bus/{name}")

    def rule(self, name: str, bus: str = "default") -> str:
        return self.regional("events", f"rule/{name}" if bus == "default" else f"rule/{bus}/{name}")

    def archive(self, name: str) -> str:
        return self.regional("events", f"archive/{name}")

    def schedule(self, name: str, group: str = "default") -> str:
        return self.regional("scheduler", f"schedule/{group}/{name}")

    def secret(self, name: str) -> str:
        """Matches one secret: Secrets Manager appends a hyphen and six random characters to the name."""
        return self.regional("secretsmanager", f"secret:{name}-??????")

    def parameter(self, name: str) -> str:
        return self.regional("ssm", f"parameter/{name.removeprefix('/')}")

    def log_group(self, name: str) -> str:
        """Without the `:*` that actions on its streams need."""
        return self.regional("logs", f"log-group:{name}")

    def state_machine(self, name: str) -> str:
        return self.regional("states", f"stateMachine:{name}")

    def alarm(self, name: str) -> str:
        return self.regional("cloudwatch", f"alarm:{name}")

    def glue_catalog(self) -> str:
        return self.regional("glue", "catalog")

    def glue_database(self, database: str) -> str:
        return self.regional("glue", f"database/{database}")

    def glue_table(self, database: str, table: str) -> str:
        return self.regional("glue", f"table/{database}/{table}")

    def any_key(self) -> str:
        """Every key of the account and region: key ids are random, so grants narrow by alias instead."""
        return self.regional("kms", "key/*")


@dataclass(frozen=True)
class Names:
    """The physical names of one account; `what` is lower-case words joined by hyphens, e.g. "orders-ingest"."""

    account: Account

    @property
    def arns(self) -> Arns:
        return Arns.of(self.account)

    @property
    def prefix(self) -> str:
        """What every name of the account in its environment begins with."""
        return f"{self.account.organisation}-{self.account.name}-{self.account.environment}"

    def name(self, what: str) -> str:
        """A name without a rule of its own: within the 64 characters that most services take."""
        return _Rule("name", "a-z0-9-", 64)(self._join(what))

    def bucket(self, what: str) -> str:
        """Globally unique: account id and region are part of it."""
        return _BUCKET(f"{self._join(what)}-{self.account.account_id}-{self.account.region}")

    def role(self, what: str) -> str:
        """IAM is global, so the pilot light's roles carry a suffix of their own."""
        return _ROLE(self._join(what) + ("-recovery" if self.account.is_recovery else ""))

    def boundary(self) -> str:
        """The permissions boundary of every role in the account, shared by both of its regions."""
        return f"{self.account.organisation}-boundary"

    def deploy_role(self) -> str:
        """The role that deployments assume; the organisation's bootstrap creates it."""
        return f"{self.account.organisation}-deploy"

    def key_alias(self, classification: Classification) -> str:
        return f"alias/{_KEY_ALIAS(self._join(classification.value))}"

    def function(self, what: str) -> str:
        return _FUNCTION(self._join(what))

    def queue(self, what: str) -> str:
        return _QUEUE(self._join(what))

    def topic(self, what: str) -> str:
        return _TOPIC(self._join(what))

    def table(self, what: str) -> str:
        return _TABLE(self._join(what))

    def stream(self, what: str) -> str:
        return _STREAM(self._join(what))

    def bus(self, what: str) -> str:
        return _BUS(self._join(what))

    def rule(self, what: str) -> str:
        return _RULE(self._join(what))

    def archive(self, what: str) -> str:
        return _ARCHIVE(self._join(what))

    def schedule(self, what: str) -> str:
        return _SCHEDULE(self._join(what))

    def state_machine(self, what: str) -> str:
        return _STATE_MACHINE(self._join(what))

    def alarm(self, what: str) -> str:
        return _ALARM(self._join(what))

    def secret(self, what: str) -> str:
        name = _SECRET(self._path(what))
        # Secrets Manager user guide, "Create a secret": such an ending is taken for the random suffix of an ARN.
        if re.search(r"-[a-zA-Z0-9]{6}$", name):
            raise ValueError(f"secret name: {name!r} ends in a hyphen and six characters, which ARN matching confuses")
        return name

    def parameter(self, what: str) -> str:
        return _PARAMETER("/" + self._path(what))

    def log_group(self, what: str) -> str:
        return _LOG_GROUP("/" + self._path(what))

    def function_log_group(self, function: str) -> str:
        """Where Lambda writes by default; the group is created first so that it has a key and a retention."""
        return _LOG_GROUP(f"/aws/lambda/{function}")

    def glue_database(self, domain: str) -> str:
        """A domain's database in the central catalog. Athena takes no hyphens, so words are joined by `_`."""
        return _CATALOG_NAME(
            f"{self.account.organisation}_{self.account.environment}_{_what(domain)}".replace("-", "_")
        )

    def _join(self, what: str) -> str:
        return f"{self.prefix}-{_what(what)}"

    def _path(self, what: str) -> str:
        return f"{self.account.organisation}/{self.account.name}/{self.account.environment}/{_what(what)}"


def _what(what: str) -> str:
    if not _WHAT.fullmatch(what):
        raise ValueError(f"what: {what!r} is not lower-case words and digits joined by single hyphens")
    return what
