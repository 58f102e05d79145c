"""`python -m stacks order` lists the stacks in deployment order; `schema` and `guardrails` write what follows from the
files in stacks/: their JSON schemas, and the organisation as the policy pack knows it."""

from __future__ import annotations

import argparse
import json
import sys

from stacks import guardrails
from stacks.documents import Document, DocumentError, shown
from stacks.organisation import Organisation, load_organisation
from stacks.settings import NAMESPACE, STACKS, StackFile, read_settings, stack_names


def order() -> list[dict[str, object]]:
    """Per stack, in deployment order: its name, account, environment, region and the stacks it reads."""
    organisation = load_organisation()
    guardrails.require_current(organisation)
    rows: list[dict[str, object]] = []
    for name in stack_names():
        settings = read_settings(name, organisation)
        rows.append(
            {
                "stack": name,
                "account": settings.account_id,
                "accountName": settings.file.account,
                "environment": settings.file.environment,
                "region": settings.region,
                "dependsOn": list(settings.depends_on),
            }
        )
    return rows


def schemas() -> dict[str, str]:
    """File name to content of the JSON schemas that editors use for the organisation and stack files."""

    def text(schema: dict[str, object]) -> str:
        return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"

    stack = StackFile.model_json_schema(by_alias=True)
    definitions = stack.pop("$defs", {})
    stack["properties"] = {f"{NAMESPACE}{key}": value for key, value in stack["properties"].items()}
    stack["required"] = [f"{NAMESPACE}{key}" for key in stack["required"]]
    # Keys of other packages (aws:region, say) are Pulumi's business; an unknown key of ours is an error.
    stack["patternProperties"] = {f"^(?!{NAMESPACE})": {}}
    whole: dict[str, object] = {
        "title": "Pulumi stack file of the mesh",
        "type": "object",
        "properties": {"config": stack, "encryptionsalt": {"type": "string"}, "secretsprovider": {"type": "string"}},
        "required": ["config"],
        "$defs": definitions,
    }
    return {
        "stack.schema.json": text(whole),
        "organisation.schema.json": text(_schema(Organisation)),
    }


def _schema(model: type[Document]) -> dict[str, object]:
    return model.model_json_schema(by_alias=True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code is 1 when a file is refused."""
    parser = argparse.ArgumentParser(prog="python -m stacks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("order", help="print the stacks in deployment order as JSON")
    commands.add_parser("schema", help="write stacks/*.schema.json")
    commands.add_parser("guardrails", help="write the organisation into policy_packs/guardrails/config/*.json")
    options = parser.parse_args(arguments)
    try:
        if options.command == "order":
            print(json.dumps(order(), indent=2))
        elif options.command == "guardrails":
            for path in guardrails.write(load_organisation()):
                print(f"wrote {shown(path)}")
        else:
            for name, content in schemas().items():
                (STACKS / name).write_text(content, encoding="utf-8")
                print(f"wrote stacks/{name}")
    except DocumentError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
