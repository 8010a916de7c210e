"""GitHub's GraphQL API: queries and mutations checked against its schema and carried out."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, build_schema, graphql

from tests.github_simulator.access import Need, check
from tests.github_simulator.call import Answer, Call
from tests.github_simulator.clock import stamp
from tests.github_simulator.conversation import ReviewComment
from tests.github_simulator.git_writing import Change, commit_files
from tests.github_simulator.graphql_nodes import (
    Node,
    actor,
    comment,
    commit,
    repository,
    review,
    review_comment,
    thread,
)
from tests.github_simulator.json_value import JsonObject, as_number, as_object, as_text
from tests.github_simulator.pushes import person
from tests.github_simulator.refusal import Refused, unprocessable
from tests.github_simulator.shapes.links import node_number
from tests.github_simulator.world import Repository

SCHEMA = Path(__file__).parent / "schema.graphql"
KINDS = {401: "UNAUTHENTICATED", 403: "FORBIDDEN", 404: "NOT_FOUND", 422: "UNPROCESSABLE"}
PULLS, TALK = (Need("pull_requests", "write"),), (Need("issues", "write"), Need("pull_requests", "write"))


@cache
def _schema() -> GraphQLSchema:
    return build_schema(SCHEMA.read_text())


class GraphQLApi:
    """Answers with 200 whatever happens, as GitHub does; ``problems`` collects queries the schema refuses."""

    def __init__(self) -> None:
        self._schema = _schema()
        self.problems: list[str] = []

    async def answer(self, call: Call) -> Answer:
        """Carry out the query in the body of ``call``."""
        query = as_text(call.body.get("query", ""))
        variables = as_object(call.body.get("variables") or {})
        root = Roots(call)
        result: ExecutionResult = await graphql(
            self._schema, query, root_value=root.fields(), variable_values=variables
        )
        body: JsonObject = {"data": result.data}
        if result.errors:
            body["errors"] = [self._error(each) for each in result.errors]
        if result.data is None:
            del body["data"]
        return Answer(200, body)

    def _error(self, wrong: GraphQLError) -> JsonObject:
        shown: JsonObject = {"message": wrong.message}
        if wrong.path is not None:
            shown["path"] = list(wrong.path)
        if isinstance(wrong.original_error, Refused):
            return {"type": KINDS.get(wrong.original_error.status, "UNPROCESSABLE"), **shown,
                    "message": wrong.original_error.message}  # fmt: skip
        # Either the query is wrong, or the simulator is: both must be seen.
        self.problems.append(f"GraphQL: {wrong.message}")
        return shown


class Roots:
    """The fields of Query and Mutation for one request."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def fields(self) -> Node:
        """All of them by name."""
        return {
            "repository": self._repository,
            "node": self._node,
            "viewer": lambda _info: {**actor(self._call, self._call.account), "__typename": "User"},
            "rateLimit": self._rate_limit,
            "minimizeComment": self._minimize,
            "unminimizeComment": self._unminimize,
            "resolveReviewThread": self._resolve,
            "unresolveReviewThread": self._unresolve,
            "createCommitOnBranch": self._commit,
        }

    def _rate_limit(self, _info: object, **_args: object) -> Node:
        rate = as_object(self._call.limits.overview(self._call.actor)["rate"])
        reset = datetime.fromtimestamp(as_number(rate["reset"]), UTC)
        return {**rate, "cost": 1, "resetAt": stamp(reset)}

    def _seen(self, where: Repository | None, needs: tuple[Need, ...], what: str) -> Repository:
        if where is None:
            raise Refused(404, f"Could not resolve to {what}.")
        try:
            check(self._call.actor, where, needs)
        except Refused as wrong:
            if wrong.status == 404:
                raise Refused(404, f"Could not resolve to {what}.") from wrong
            raise
        return where

    def _repository(self, _info: object, owner: str, name: str, **_args: object) -> Node:
        where = self._call.world.repository(f"{owner}/{name}")
        if where is None and f"{owner}/{name}".lower() in self._call.world.renamed:
            where = self._call.world.repositories[self._call.world.renamed[f"{owner}/{name}".lower()]]
        what = f"a Repository with the name '{owner}/{name}'"
        return repository(self._call, self._seen(where, (Need("metadata", "read"),), what))

    def _node(self, _info: object, **args: str) -> Node:
        return self._shown(args["id"], (Need("metadata", "read"),))

    def _shown(self, global_id: str, needs: tuple[Need, ...]) -> Node:
        call, found = self._call, node_number(global_id)
        for where in call.world.repositories.values():
            match found:
                case ("IC", number) if number in where.comments:
                    self._seen(where, needs, f"a node with the global id of '{global_id}'")
                    return comment(call, where, where.comments[number])
                case ("PRR", number) if number in where.reviews:
                    self._seen(where, needs, f"a node with the global id of '{global_id}'")
                    return review(call, where.reviews[number])
                case ("PRRC", number) if number in where.review_comments:
                    self._seen(where, needs, f"a node with the global id of '{global_id}'")
                    return review_comment(call, where, where.review_comments[number])
                case ("PRRT", number) if number in where.review_comments:
                    self._seen(where, needs, f"a node with the global id of '{global_id}'")
                    return thread(call, where, where.review_comments[number])
        raise Refused(404, f"Could not resolve to a node with the global id of '{global_id}'.")

    def _set_minimized(self, global_id: str, reason: str | None) -> Node:
        prefix, number = node_number(global_id) or ("", 0)
        needs = TALK if prefix == "IC" else PULLS
        self._shown(global_id, needs)
        for where in self._call.world.repositories.values():
            for found in (where.comments.get(number), where.reviews.get(number), where.review_comments.get(number)):
                if found is not None:
                    found.minimized = reason
        return self._shown(global_id, needs)

    def _minimize(self, _info: object, **args: Node) -> Node:
        reason = args["input"]["classifier"].lower().replace("_", "-")
        return {"minimizedComment": self._set_minimized(args["input"]["subjectId"], reason)}

    def _unminimize(self, _info: object, **args: Node) -> Node:
        return {"unminimizedComment": self._set_minimized(args["input"]["subjectId"], None)}

    def _thread(self, global_id: str) -> tuple[Repository, ReviewComment]:
        # Resolving threads needs contents:write, not only pull_requests:write.
        self._shown(global_id, (Need("contents", "write"),))
        prefix, number = node_number(global_id) or ("", 0)
        for where in self._call.world.repositories.values():
            if prefix == "PRRT" and number in where.review_comments:
                return where, where.review_comments[number]
        raise Refused(404, f"Could not resolve to a node with the global id of '{global_id}'.")

    def _resolve(self, _info: object, **args: Node) -> Node:
        where, first = self._thread(args["input"]["threadId"])
        first.resolved_by = self._call.account
        return {"thread": thread(self._call, where, first)}

    def _unresolve(self, _info: object, **args: Node) -> Node:
        where, first = self._thread(args["input"]["threadId"])
        first.resolved_by = None
        return {"thread": thread(self._call, where, first)}

    async def _commit(self, _info: object, **args: Node) -> Node:
        call, given = self._call, args["input"]
        name, branch = given["branch"].get("repositoryNameWithOwner"), given["branch"].get("branchName")
        what = f"a Repository with the name '{name}'"
        where = self._seen(call.world.repository(name or ""), (Need("contents", "write"),), what)
        head = await where.git.resolve(f"refs/heads/{branch}")
        if head != given["expectedHeadOid"]:
            expected = given["expectedHeadOid"]
            raise unprocessable(f'Expected branch to point to "{expected}" but it did not. Pull and try again.')
        if branch in where.protected:
            raise unprocessable("Repository rule violations found\n\nChanges must be made through a pull request.\n\n")
        changes = given.get("fileChanges", {})
        files: dict[str, bytes | None] = {each["path"]: None for each in changes.get("deletions", [])}
        files |= {each["path"]: base64.b64decode(each["contents"]) for each in changes.get("additions", [])}
        message = "\n\n".join(filter(None, (given["message"]["headline"], given["message"].get("body"))))
        by = person(call.account.login, call.world.clock.now())
        sha = await commit_files(where.git, f"refs/heads/{branch}", Change(files, message, head, by))
        await call.branch_moved(where, branch, head, sha)
        return {"commit": await commit(call, where, sha)}
