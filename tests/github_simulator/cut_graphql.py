"""Cut GitHub's GraphQL schema down to the fields that the simulator answers.

Run it by hand when GitHub's schema moves::

    npm pack @octokit/graphql-schema && tar xzf octokit-graphql-schema-*.tgz
    python -m tests.github_simulator.cut_graphql package

It reads ``package/schema.graphql`` (MIT licence) and writes ``schema.graphql``
beside itself: the types and fields of KEPT with GitHub's own arguments and
types, whatever inputs, enums and scalars these name, and no prose.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    parse,
    print_ast,
    strip_ignored_characters,
)

TARGET = Path(__file__).parent / "schema.graphql"
THREAD = "comments id isOutdated isResolved line path resolvedBy startLine diffSide viewerCanResolve"
KEPT = {
    "Query": "id node repository rateLimit viewer",
    "Mutation": "createCommitOnBranch minimizeComment unminimizeComment resolveReviewThread unresolveReviewThread",
    "Node": "id",
    "Actor": "login url",
    "User": "id login url databaseId",
    "Bot": "id login url databaseId",
    "PageInfo": "endCursor hasNextPage",
    "RateLimit": "cost limit remaining resetAt used",
    "Repository": "databaseId id nameWithOwner object pullRequest",
    "GitObject": "id oid",
    "Blob": "byteSize id isBinary isTruncated oid text",
    "Tree": "entries id oid",
    "TreeEntry": "mode name object oid path type",
    "Commit": "committedDate history id message messageHeadline oid url",
    "CommitHistoryConnection": "nodes pageInfo totalCount",
    "Minimizable": "isMinimized minimizedReason",
    "PullRequest": "comments headRefOid id number reviewThreads state title",
    "IssueCommentConnection": "nodes pageInfo totalCount",
    "IssueComment": "author body databaseId fullDatabaseId id isMinimized minimizedReason url",
    "PullRequestReview": "body databaseId fullDatabaseId id isMinimized minimizedReason",
    "PullRequestReviewThreadConnection": "nodes pageInfo totalCount",
    "PullRequestReviewThread": THREAD,
    "PullRequestReviewCommentConnection": "nodes pageInfo totalCount",
    "PullRequestReviewComment": "author body databaseId fullDatabaseId id isMinimized minimizedReason path url",
    "MinimizeCommentPayload": "minimizedComment",
    "UnminimizeCommentPayload": "unminimizedComment",
    "ResolveReviewThreadPayload": "thread",
    "UnresolveReviewThreadPayload": "thread",
    "CreateCommitOnBranchPayload": "commit",
}


@dataclass(frozen=True, slots=True)
class Cutter:
    """The whole schema by name."""

    types: dict[str, TypeDefinitionNode]

    def cut(self) -> str:
        """The kept schema as text."""
        found: dict[str, TypeDefinitionNode] = {name: self._kept(name) for name in KEPT}
        waiting = [name for each in found.values() for name in self._inputs(each)]
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.types:
                found[name] = bare = self._bare(self.types[name])
                waiting += self._inputs(bare)
        definitions = tuple(found[name] for name in sorted(found))
        return strip_ignored_characters(print_ast(DocumentNode(definitions=definitions)))

    def _kept(self, name: str) -> TypeDefinitionNode:
        whole = self.types[name]
        if not isinstance(whole, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            raise TypeError(f"{name} has no fields")
        wanted = KEPT[name].split()
        by_name = {field.name.value: field for field in whole.fields or ()}
        fields = tuple(self._field(by_name[field]) for field in wanted)
        interfaces = tuple(each for each in whole.interfaces or () if each.name.value in KEPT)
        return type(whole)(name=whole.name, fields=fields, interfaces=interfaces, directives=())

    def _field(self, field: FieldDefinitionNode) -> FieldDefinitionNode:
        arguments = tuple(_value(each) for each in field.arguments or ())
        return FieldDefinitionNode(name=field.name, arguments=arguments, type=field.type, directives=())

    def _bare(self, whole: TypeDefinitionNode) -> TypeDefinitionNode:
        if isinstance(whole, InputObjectTypeDefinitionNode):
            fields = tuple(_value(each) for each in whole.fields or ())
            return InputObjectTypeDefinitionNode(name=whole.name, fields=fields, directives=())
        if isinstance(whole, EnumTypeDefinitionNode):
            values = tuple(type(each)(name=each.name, directives=()) for each in whole.values or ())
            return EnumTypeDefinitionNode(name=whole.name, values=values, directives=())
        if isinstance(whole, ScalarTypeDefinitionNode):
            return ScalarTypeDefinitionNode(name=whole.name, directives=())
        raise TypeError(f"{whole.name.value} is named by a kept field but not kept itself")

    def _inputs(self, node: TypeDefinitionNode) -> list[str]:
        if isinstance(node, InputObjectTypeDefinitionNode):
            return [_name(each.type) for each in node.fields or ()]
        if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            fields = node.fields or ()
            arguments = [_name(each.type) for field in fields for each in field.arguments or ()]
            return [*arguments, *(_name(field.type) for field in fields)]
        return []


def _value(value: InputValueDefinitionNode) -> InputValueDefinitionNode:
    return InputValueDefinitionNode(name=value.name, type=value.type, default_value=value.default_value, directives=())


def _name(of: TypeNode) -> str:
    while isinstance(of, ListTypeNode | NonNullTypeNode):
        of = of.type
    if not isinstance(of, NamedTypeNode):
        raise TypeError("a type has a name")
    return of.name.value


def main() -> None:
    """Cut the unpacked package whose directory is the first argument."""
    document = parse((Path(sys.argv[1]) / "schema.graphql").read_text(), no_location=True)
    types = {each.name.value: each for each in document.definitions if isinstance(each, TypeDefinitionNode)}
    TARGET.write_text(Cutter(types).cut() + "\n")


if __name__ == "__main__":
    main()
