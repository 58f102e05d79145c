"""Tables of facts about AWS and pulumi-aws, and the developer's commands that make the generated ones."""
